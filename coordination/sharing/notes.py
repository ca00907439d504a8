"""What a sentinel says: which contenders of its session were broken, and which are asked to release."""

from __future__ import annotations

import json

from coordination.value import new_nonce

BROKEN, ASKED = "broken", "asked"
MOST = 256
"""Entries of a kind; who adds more drops the oldest: their owners learn from the next proof."""

Note = dict[str, list[str]]


def entry_of(key: str, created: int) -> str:
    """What a note says of a contender, whose key may be used again."""
    return f"{key} {created}"


def encoded(note: Note) -> bytes:
    """With a nonce, so that two equal notes are two writes."""
    return json.dumps({**note, "nonce": new_nonce()}, separators=(",", ":")).encode()


def decoded(raw: bytes) -> Note:
    """Read leniently: it is written by others."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(fields, dict):
        return {}
    lists = {name: fields.get(name) for name in (BROKEN, ASKED)}
    return {
        name: [key for key in keys if isinstance(key, str)][-MOST:]
        for name, keys in lists.items()
        if isinstance(keys, list)
    }
