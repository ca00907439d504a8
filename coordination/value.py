"""The value of a lease on the stores that keep JSON: fleet's two fields first, ours after them.

Readers ignore fields they do not know, and a value that is not such an object is a machine id at
version 0, so records of unversioned writers stay readable. The nonce is new at every write: it
makes equal writes differ, and it is how we recognise a write of ours whose answer was lost.
"""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class LeaseValue:
    """Who holds a lease, and what the holder wants known. Times are Unix seconds; 0 means none."""

    machine_id: str
    version: int = 0
    name: str = ""
    token: int = 0
    nonce: str = ""
    secret_sha256: str = ""
    pid: int = 0
    host: str = ""
    acquired_at: float = 0.0
    renewed_at: float = 0.0
    period: float = 0.0
    not_after: float = 0.0
    metadata: dict[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Compact JSON that begins with MachineID and Version."""
        fields: dict[str, Any] = {"MachineID": self.machine_id, "Version": self.version}
        fields["format"] = FORMAT
        for name in _OURS:
            fields[name] = getattr(self, name)
        return _compact(fields).encode()

    def rewritten(self, token: int, renewed_at: float, period: float) -> LeaseValue:
        """The same value for another write by the same holder, with a fresh nonce."""
        return replace(self, nonce=new_nonce(), token=token, renewed_at=renewed_at, period=period)


_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
# Made once: a heartbeat encodes a value per beat, and `json.dumps` would make an encoder for each.


_OURS = (
    "name",
    "token",
    "nonce",
    "secret_sha256",
    "pid",
    "host",
    "acquired_at",
    "renewed_at",
    "period",
    "not_after",
    "metadata",
)


def decode(raw: bytes) -> LeaseValue:
    """Read a value leniently: wrong types of our own fields count as absent, never as an error."""
    text = raw.decode("utf-8", errors="replace")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return LeaseValue(machine_id=text)
    if not isinstance(fields, dict) or not isinstance(fields.get("MachineID"), str):
        return LeaseValue(machine_id=text)
    return LeaseValue(
        machine_id=fields["MachineID"],
        version=_integer(fields.get("Version")),
        name=_text(fields.get("name")),
        token=_integer(fields.get("token")),
        nonce=_text(fields.get("nonce")),
        secret_sha256=_text(fields.get("secret_sha256")),
        pid=_integer(fields.get("pid")),
        host=_text(fields.get("host")),
        acquired_at=_number(fields.get("acquired_at")),
        renewed_at=_number(fields.get("renewed_at")),
        period=_number(fields.get("period")),
        not_after=_number(fields.get("not_after")),
        metadata=_texts(fields.get("metadata")),
    )


def new_nonce() -> str:
    """Twelve hex digits that no two writes share."""
    return secrets.token_hex(6)


def new_secret() -> str:
    """What proves a holder: 256 random bits; only `digest` of it is ever stored."""
    return secrets.token_hex(32)


def digest(secret: str) -> str:
    """SHA-256 of a secret, in hex."""
    return hashlib.sha256(secret.encode("utf-8", errors="surrogatepass")).hexdigest()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _integer(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0.0
    try:
        number = float(value)
    except OverflowError:
        return 0.0
    # What a stranger wrote: neither a NaN nor a time before 1970 is anything to compute with.
    return number if math.isfinite(number) and number >= 0 else 0.0


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: text for key, text in value.items() if isinstance(text, str)}
