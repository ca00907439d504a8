"""What a contender's record says: who it is, for people. Its order is the store's, its token is `created`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping

from coordination.record import encode_segment
from coordination.value import LeaseValue, decode, new_nonce

LOCKS = "locks"
SENTINELS = "sentinels"


def sentinel_key(namespace: str, incarnation: str) -> str:
    """Where a session's sentinel lives: all under one name, so that stores keep one counter for them."""
    return f"{encode_segment(namespace, 'namespace')}/{SENTINELS}/all/{incarnation}"


def incarnation_of(contender: str) -> str:
    """Which session a contender's key belongs to."""
    return contender[contender.rindex("/") + 1 :].partition(".")[0]


def contender_value(machine_id: str, name: str, since: float, metadata: Mapping[str, str]) -> bytes:
    """The same fields, in the same form, as a lease's value; those that would be empty are left out."""
    fields = {
        "MachineID": machine_id,
        "Version": 0,
        "format": 1,
        "name": name,
        "nonce": new_nonce(),
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "acquired_at": since,
    }
    if metadata:
        fields["metadata"] = dict(metadata)
    return _compact(fields).encode()


def contender_of(raw: bytes) -> LeaseValue:
    """What it says, read leniently."""
    return decode(raw)


_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
