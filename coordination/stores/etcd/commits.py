"""Guarded writes: one transaction under the condition that the lease is ours, within etcd's limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coordination.errors import ValueTooLarge
from coordination.record import Guard, Session
from coordination.stores.etcd import requests
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.keys import Keys
from coordination.stores.etcd.methods import TXN
from coordination.stores.etcd.requests import lease_of

MOST_WRITES = 128
"""In one transaction, by etcd's default."""

LARGEST_REQUEST = 1_500_000
"""Bytes: a little below etcd's own default limit; above it gRPC may answer what tells nothing."""


class Commits:
    """The part of the store that writes data under a guard."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], timeout: float
    ) -> int | None:
        """The index of the write; None if the guard failed."""
        if len(puts) + len(deletes) > MOST_WRITES:
            raise ValueTooLarge(f"etcd takes {MOST_WRITES} writes in one commit")
        lease = lease_of(Session(guard.session, 0))
        if not lease:
            return None
        raw = self._keys.raw
        writes = {raw(key): value for key, value in puts.items()}
        removals = [raw(key) for key in deletes]
        request = requests.commit(raw(guard.key), lease, guard.created, writes, removals)
        if request.ByteSize() > LARGEST_REQUEST:
            raise ValueTooLarge(
                f"a commit may have {LARGEST_REQUEST} bytes; this one has {request.ByteSize()}"
            )
        answer = self._connection.call(TXN, request, timeout)
        return int(answer.header.revision) if answer.succeeded else None
