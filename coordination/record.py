"""What is stored: records, the sessions they hang on, and the keys they live under.

A key is `NAMESPACE/KIND/NAME` or, for things with contenders, `NAMESPACE/KIND/NAME/CONTENDER`; each
segment is percent-encoded, so no name can reach into another's keys, and an empty namespace is an
empty first segment, so no namespace can look like a kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from coordination.errors import ConfigurationError

NAME_LIMIT = 255
"""The longest name, in bytes of UTF-8, on every store."""

LEASES = "leases"
DATA = "data"


@dataclass(frozen=True, slots=True)
class Session:
    """The unit of liveness: every record on it disappears when it dies. `ttl` is what was *granted*."""

    id: str
    ttl: float


@dataclass(frozen=True, slots=True)
class Record:
    """One live record, as a store answered it.

    `created` is fixed at its creation, `index` moves at every write; both only rise per name.
    `session` is None for data that hangs on none. `ttl` and `time_left` are seconds as of the
    answer, None where the store does not know.
    """

    key: str
    value: bytes
    created: int
    index: int
    session: str | None
    ttl: float | None = None
    time_left: float | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """The condition of a fenced write: `key` is alive and hangs on the session `session`.

    With `created` it is also the very record that was created then: keys of contenders are used again.
    """

    key: str
    session: str
    created: int | None = None

    def holds(self, record: Record | None) -> bool:
        """Whether this live record fulfils it."""
        if record is None or record.session != self.session:
            return False
        return self.created is None or record.created == self.created


def encode_segment(text: str, what: str = "name") -> str:
    """Percent-encode one name; injective, and a prefix of a name encodes to a prefix."""
    if not isinstance(text, str):
        raise ConfigurationError(f"{what} must be a str, not {text!r}")
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ConfigurationError(
            f"{what} {text!r} is not valid Unicode: it holds a lone surrogate"
        ) from error
    if len(raw) > NAME_LIMIT:
        raise ConfigurationError(
            f"{what} must be at most {NAME_LIMIT} bytes of UTF-8; this one has {len(raw)}"
        )
    return quote(raw, safe="")


def decode_segment(segment: str) -> str:
    """The name that `encode_segment` made `segment` from."""
    return unquote(segment, errors="strict")


def _named(text: str, what: str) -> str:
    segment = encode_segment(text, what)
    if not segment:
        raise ConfigurationError(f"{what} must not be empty")
    return segment


def key_of(namespace: str, kind: str, name: str) -> str:
    """The key of `name` among the things of one kind; `ConfigurationError` for a bad name."""
    return f"{encode_segment(namespace, 'namespace')}/{kind}/{_named(name, 'name')}"


def lease_key(namespace: str, name: str) -> str:
    """Where the lease `name` lives."""
    return key_of(namespace, LEASES, name)


def data_key(namespace: str, name: str) -> str:
    """Where the namespace's own datum `name` lives."""
    return key_of(namespace, DATA, name)


def prefix_of(namespace: str, kind: str, prefix: str = "") -> str:
    """What the keys of all names that start with `prefix` start with."""
    return f"{encode_segment(namespace, 'namespace')}/{kind}/{encode_segment(prefix, 'prefix')}"


def name_of(key: str) -> str:
    """The name a key was made from."""
    return decode_segment(key.split("/")[2])


def is_key(key: str, namespace: str, kind: str) -> bool:
    """Whether `key_of` could have made it; strangers, and we at another prefix, write others beside them."""
    try:
        return key == key_of(namespace, kind, name_of(key))
    except (IndexError, ValueError):  # Too short, or of no name: a `ConfigurationError` is a ValueError.
        return False


def scope_of(key: str) -> str:
    """What counters and mutual exclusion are kept for: the name, whoever its contenders are."""
    return "/".join(key.split("/")[:3])
