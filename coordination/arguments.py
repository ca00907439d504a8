"""What the public calls accept, checked before any I/O; every complaint is a `ConfigurationError`."""

from __future__ import annotations

import datetime
import os
import socket
from collections.abc import Iterable, Mapping

from coordination.clock import Clock
from coordination.errors import ConfigurationError
from coordination.record import data_key, encode_segment
from coordination.store import Capabilities
from coordination.timing import LONGEST, positive, seconds
from coordination.value import LeaseValue, digest, new_nonce

LARGEST = 2**63 - 1
"""What a version or an index may be at most: what every store can represent."""

SHORT = 160
"""The longest encoded name of a machine or unit, in bytes: what every store can list."""

RESERVED = "coordination."
"""Metadata keys that begin with this are ours, in records that other programs read."""


def period(value: object, limits: Capabilities, what: str = "period") -> float:
    """A period the store can grant."""
    number = positive(value, what)
    if number > limits.longest_ttl:
        raise ConfigurationError(
            f"{what} must be at most {limits.longest_ttl:g} s on this store, not {value!r}"
        )
    if number < limits.shortest_ttl:
        raise ConfigurationError(
            f"{what} must be at least {limits.shortest_ttl:g} s on this store, not {value!r}"
        )
    return number


def ends_at(not_after: object, clock: Clock) -> float | None:
    """The caller's own deadline (Unix seconds or an aware datetime) as a point on the clock."""
    if not_after is None:
        return None
    if isinstance(not_after, datetime.datetime):
        if not_after.tzinfo is None:
            raise ConfigurationError("not_after must be an aware datetime; add a time zone")
        not_after = not_after.timestamp()
    if isinstance(not_after, datetime.timedelta):
        raise ConfigurationError("not_after is a point in time: Unix seconds or an aware datetime")
    left = seconds(not_after, "not_after", longest=1e11) - clock.wall()
    if left <= 0:
        raise ConfigurationError("not_after is already past")
    return clock.now() + min(left, LONGEST)


def machine(value: object, default: str) -> str:
    """A machine id; None for the manager's own."""
    if value is None:
        return default
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"machine_id must be a non-empty str, not {value!r}")
    return _encodable(value, "machine_id")


def version(value: object) -> int:
    """A version of the holder's program."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigurationError(f"version must be an int of at least 0, not {value!r}")
    if not 0 <= value <= LARGEST:  # Such a number is not shown: Python refuses to print the longest.
        raise ConfigurationError(f"version must be at least 0 and at most {LARGEST}")
    return value


def index(value: object) -> int:
    """The index a thief has seen; 0 is refused, because fleet's 0 meant 'overwrite whatever is there'."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigurationError(f"index must be the index of a lease you have seen, not {value!r}")
    if not 0 < value <= LARGEST:
        raise ConfigurationError(
            f"index must be the index of a lease you have seen, above 0 and at most {LARGEST}"
        )
    return value


def count(value: object, what: str) -> int:
    """How many of something, at least one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{what} must be an int of at least 1, not {value!r}")
    return value


def token(value: object) -> int:
    """The token of a holder that was seen."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= LARGEST:
        raise ConfigurationError("token must be that of a holder you have seen, as `holders` shows it")
    return value


def secret(value: object) -> None:
    """A secret to prove a holder with."""
    if not isinstance(value, str) or not value:
        raise ConfigurationError("the secret must be a non-empty str")


def short(value: object, what: str) -> str:
    """One segment of a key for something that many of may lie in one folder."""
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{what} must be a non-empty str, not {value!r}")
    segment = encode_segment(value, what)
    if len(segment) > SHORT:
        raise ConfigurationError(
            f"{what} must be at most {SHORT} bytes when percent-encoded; this one has {len(segment)}"
        )
    return segment


def metadata(value: object) -> dict[str, str]:
    """Entries of text by text; None for none."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"metadata must be a mapping of str to str, not {value!r}")
    for key, text in value.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise ConfigurationError(f"metadata must map str to str, not {key!r} to {text!r}")
        if key.startswith(RESERVED):
            raise ConfigurationError(f"metadata key {key!r}: the prefix {RESERVED!r} is reserved")
        _encodable(key, "metadata key")
        _encodable(text, "metadata value")
    return dict(value)


def data(namespace: str, puts: object, deletes: object) -> tuple[dict[str, bytes], list[str]]:
    """The writes of a commit, by store key; text is written as UTF-8."""
    if not isinstance(puts, Mapping):
        raise ConfigurationError(f"puts must be a mapping of str to bytes, not {puts!r}")
    if isinstance(deletes, (str, bytes)) or not isinstance(deletes, Iterable):
        raise ConfigurationError(f"deletes must be a sequence of keys, not {deletes!r}")
    writes = {}
    for key, value in puts.items():
        writes[data_key(namespace, key)] = _raw(key, value)
    removals = [data_key(namespace, key) for key in deletes]
    both = sorted(set(writes) & set(removals))
    if both:
        raise ConfigurationError(f"one commit cannot both write and delete {both[0]!r}")
    return writes, removals


def _raw(key: object, value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise ConfigurationError(f"the value of {key!r} must be bytes, not {value!r}")
    try:
        return value.encode()
    except UnicodeEncodeError as error:  # The value may be long, or nobody's business: it is not shown.
        raise ConfigurationError(f"the value of {key!r} is not valid Unicode") from error


def holding(
    name: str,
    machine_id: str,
    version: int,
    period: float,
    metadata: dict[str, str],
    clock: Clock,
    secret: str,
) -> LeaseValue:
    """The value of a new acquisition by this process."""
    now = clock.wall()
    return LeaseValue(
        machine_id=machine_id,
        version=version,
        name=name,
        nonce=new_nonce(),
        secret_sha256=digest(secret),
        pid=os.getpid(),
        host=socket.gethostname(),
        acquired_at=now,
        renewed_at=now,
        period=period,
        metadata=metadata,
    )


def _encodable(text: str, what: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConfigurationError(f"{what} {text!r} is not valid Unicode") from error
    return text
