"""A record as a file: liblease's JSON, our own fields as strings in its `meta`.

A digest over the whole tells our own writing from a change by a stranger's hand: the fields of
ours are believed only where it fits. A value that is a lease's is spread over readable fields; any
other is kept whole, in base64.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coordination import value as values
from coordination.stores.file import moment
from coordination.value import LeaseValue

OURS = "coordination."
_TEXTS = ("machine_id", "name", "nonce", "secret_sha256")
_NUMBERS = ("version", "token")
_FLOATS = ("period", "not_after")
_BILLION = 1_000_000_000


class TornError(ValueError):
    """The content is not a record."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """What a record file says. `index` and `created` are 0 in one that we did not write."""

    session: str
    ttl: float
    renewed_at: float
    name: str = ""
    index: int = 0
    created: int = 0
    fingerprint: str = ""
    spell_value: Callable[[], bytes] = bytes

    @property
    def value(self) -> bytes:
        """The value, put together when it is asked for: judging a record does not need it."""
        return self.spell_value()

    @property
    def foreign(self) -> bool:
        """Whether another program wrote it, or changed it."""
        return self.index == 0


def encode(
    session: str, ttl: float, value: bytes, now: float, *, index: int, created: int, name: str
) -> bytes:
    """The file for a record of ours. `now`: Unix seconds, for values that state no times."""
    lease = _readable(value)
    meta: dict[str, str] = {} if lease is None else dict(lease.metadata)
    if lease is None:
        meta[OURS + "value"] = base64.b64encode(value).decode()
        lease = LeaseValue("", pid=0, acquired_at=now, renewed_at=now)
    else:
        meta.update({OURS + field: getattr(lease, field) for field in _TEXTS})
        meta.update({OURS + field: str(getattr(lease, field)) for field in _NUMBERS})
        meta.update({OURS + field: repr(getattr(lease, field)) for field in _FLOATS})
    meta[OURS + "name"] = name
    meta[OURS + "index"] = str(index)
    meta[OURS + "created"] = str(created)
    fields: dict[str, Any] = {
        "instance_id": session,
        "pid": lease.pid,
        "host": lease.host,
        "acquired_at": moment.written(lease.acquired_at),
        "renewed_at": moment.written(lease.renewed_at),
        "ttl": max(1, round(ttl * _BILLION)),
        "meta": meta,
    }
    meta[OURS + "digest"] = _digest(fields)
    return _laid_out(fields).encode()


def _laid_out(fields: dict[str, Any]) -> str:
    """Indented as liblease does it; by hand, because json's own indenting is several times slower."""
    outer = [f"  {_text(key)}: {_text(value)}" for key, value in fields.items() if key != "meta"]
    inner = [f"    {_text(key)}: {_text(value)}" for key, value in fields["meta"].items()]
    outer.append('  "meta": {\n' + ",\n".join(inner) + "\n  }")
    return "{\n" + ",\n".join(outer) + "\n}\n"


_text = json.JSONEncoder(ensure_ascii=False).encode


def decode(raw: bytes) -> RecordFile:
    """Read a record file, whoever wrote it; `TornError` if it makes no sense."""
    try:
        fields = json.loads(raw)
        session, ttl = fields["instance_id"], fields["ttl"]
        if not isinstance(session, str) or not session or type(ttl) is not int or ttl <= 0:
            raise TornError("no holder or no ttl")
        renewed_at = moment.read(fields["renewed_at"])
        meta = fields.get("meta") or {}
        meta = {key: text for key, text in meta.items() if isinstance(text, str)}
        ours = meta.get(OURS + "digest", "") == _digest(fields)
        spell = functools.partial(_own_value if ours else _foreign_value, fields, meta)
        if not ours:
            spell()  # What strangers wrote is tried at once, because it may make no sense.
        index, created = (int(meta[OURS + key]) if ours else 0 for key in ("index", "created"))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise TornError(str(error)) from error
    name = meta.get(OURS + "name", "") if ours else ""
    print_ = fingerprint(raw)
    return RecordFile(session, ttl / _BILLION, renewed_at, name, index, created, print_, spell)


def fingerprint(raw: bytes) -> str:
    """What changes whenever the content does."""
    return hashlib.sha256(raw).hexdigest()[:32]


def _readable(value: bytes) -> LeaseValue | None:
    """The lease value, if spreading it over fields and reading it back gives the very same bytes."""
    lease = values.decode(value)
    if lease.encode() != value or any(key.startswith(OURS) for key in lease.metadata):
        return None
    try:
        times = (lease.acquired_at, lease.renewed_at)
        exact = all(moment.read(moment.written(time)) == time for time in times)
    except (ValueError, OverflowError):
        return None
    return lease if exact and lease.pid >= 0 else None


def _own_value(fields: dict[str, Any], meta: dict[str, str]) -> bytes:
    whole = meta.get(OURS + "value")
    if whole is not None:
        return base64.b64decode(whole, validate=True)
    return LeaseValue(
        machine_id=meta[OURS + "machine_id"],
        version=int(meta[OURS + "version"]),
        name=meta[OURS + "name"],
        token=int(meta[OURS + "token"]),
        nonce=meta[OURS + "nonce"],
        secret_sha256=meta[OURS + "secret_sha256"],
        period=float(meta[OURS + "period"]),
        not_after=float(meta[OURS + "not_after"]),
        metadata=_theirs(meta),
        pid=fields["pid"],
        host=fields["host"],
        acquired_at=moment.read(fields["acquired_at"]),
        renewed_at=moment.read(fields["renewed_at"]),
    ).encode()


def _foreign_value(fields: dict[str, Any], meta: dict[str, str]) -> bytes:
    host = fields["host"] if isinstance(fields.get("host"), str) else ""
    pid = fields.get("pid")
    acquired_at = fields.get("acquired_at")
    return LeaseValue(
        machine_id=meta.get(OURS + "machine_id") or host or fields["instance_id"],
        pid=pid if type(pid) is int else 0,
        host=host,
        acquired_at=moment.read(acquired_at) if isinstance(acquired_at, str) else 0.0,
        renewed_at=moment.read(fields["renewed_at"]),
        period=fields["ttl"] / _BILLION,
        metadata=_theirs(meta),
    ).encode()


def _theirs(meta: dict[str, str]) -> dict[str, str]:
    return {key: text for key, text in meta.items() if not key.startswith(OURS)}


def _digest(fields: dict[str, Any]) -> str:
    """Over everything but the digest itself, however it is laid out."""
    meta = {key: text for key, text in (fields.get("meta") or {}).items() if key != OURS + "digest"}
    plain = json.dumps({**fields, "meta": meta}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()[:32]
