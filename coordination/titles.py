"""What people call the thing that a key belongs to, in messages: by what they asked for."""

from __future__ import annotations

from coordination.record import decode_segment

_WORDINGS = {
    "leases": "lease {0!r}",
    "locks": "lock {0!r}",
    "leaders": "leadership of {0!r}",
    "owners": "unit {1!r} of pool {0!r}",
    "members": "membership of {1!r} in {0!r}",
    "machines": "membership of {1!r} in pool {0!r}",
    "edits": "editing of pool {0!r}",
}
"""By kind; the first is the name, the second what follows it in the key of one of its records."""


def title_of(key: str) -> str:
    """`lease 'a'`, `lock 'a'`, `leadership of 'a'`, `unit '1' of pool 'a'`; a stranger's by its name."""
    kind, name, *rest = key.split("/")[1:]
    return _WORDINGS.get(kind, "{0!r}").format(decode_segment(name), decode_segment(rest[0] if rest else ""))
