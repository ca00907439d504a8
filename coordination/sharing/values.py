"""What a contender's record says: who it is, for people. Its order is the store's, its token is `created`."""

from __future__ import annotations

import functools
import json
import os
import socket
from collections.abc import Mapping

from coordination.arguments import RESERVED
from coordination.record import encode_segment
from coordination.value import LeaseValue, decode

LOCKS = "locks"
SENTINELS = "sentinels"

INCARNATION = f"{RESERVED}session"
"""The entry of an owner's metadata that says which sentinel to tell things to."""


def sentinel_key(namespace: str, incarnation: str) -> str:
    """Where a session's sentinel lives: all under one name, so that stores keep one counter for them."""
    return f"{encode_segment(namespace, 'namespace')}/{SENTINELS}/all/{incarnation}"


def incarnation_of(contender: str) -> str:
    """Which session a contender's key belongs to."""
    return contender[contender.rindex("/") + 1 :].partition(".")[0]


def contender_value(machine_id: str, name: str, since: float, metadata: Mapping[str, str] | None) -> bytes:
    """The same fields, in the same form, as a lease's value; those that would be empty are left out.

    No nonce: nobody writes it twice.
    """
    more = f',"metadata":{_compact(dict(metadata))}' if metadata else ""
    return f'{_who(machine_id, os.getpid())},"name":{_compact(name)},"acquired_at":{since!r}{more}}}'.encode()


def owner_value(
    machine_id: str, name: str, since: float, metadata: Mapping[str, str] | None, incarnation: str
) -> bytes:
    """The same for a record whose key does not tell which session it is on: the value does."""
    entries = {**(metadata or {}), INCARNATION: incarnation}
    return contender_value(machine_id, name, since, entries)


@functools.lru_cache(maxsize=8)
def _who(machine_id: str, pid: int) -> str:
    """The beginning, which is the same for all locks of a manager."""
    fields = {"MachineID": machine_id, "Version": 0, "format": 1, "pid": pid, "host": socket.gethostname()}
    return _compact(fields)[:-1]


def machine_of(raw: bytes) -> str:
    """Only who it is, for those who look at thousands."""
    try:
        return str(json.loads(raw)["MachineID"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return decode(raw).machine_id


def contender_of(raw: bytes) -> LeaseValue:
    """What it says, read leniently."""
    return decode(raw)


_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
