"""The manager: the blocking door to leases, fleet's contract first (get, acquire, steal)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from coordination import arguments
from coordination.clock import Clock
from coordination.errors import CoordinationError
from coordination.grant import Grant
from coordination.hooks import Events
from coordination.keeper import Keeper
from coordination.lease import RELEASING, Lease
from coordination.process import close_at_exit
from coordination.record import LEASES, Record, Session, data_key, lease_key, name_of, prefix_of
from coordination.store import Store
from coordination.timing import Deadline, Seconds, waiting
from coordination.value import LeaseValue, decode, new_secret
from coordination.waiting import Bell, changes, wait_for

PERIOD = 15.0
"""The default period, in seconds: above the floor of every store, and what the field uses."""

CLOSING = 1.5
"""Seconds that closing may take, whatever the store does."""


class Manager:
    """Leases on one store, in one namespace. Thread-safe; made by `coordination.connect`.

    Every call is bounded by the manager's `timeout` per request, and only the waiting verbs wait.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        machine_id: str,
        namespace: str,
        timeout: float,
        events: Events,
        stall_after: float | None,
        owns_store: bool,
    ) -> None:
        self._store = store
        self._clock = clock
        self._machine_id = machine_id
        self._owns_store = owns_store
        self._keeper = Keeper(
            store, clock, events, namespace=namespace, timeout=timeout, stall_after=stall_after
        )
        close_at_exit(self)

    @property
    def clock(self) -> Clock:
        """What deadlines are kept on."""
        return self._clock

    def get_lease(self, name: str) -> Lease | None:
        """A view of the lease as it is now; None if nobody holds it. `LeaseCorrupt` if it makes no sense."""
        key = self._key(name)
        record = self._store.read(key, timeout=self._keeper.timeout)
        return None if record is None else self._view(record)

    def acquire_lease(
        self,
        name: str,
        machine_id: str | None = None,
        version: int = 0,
        period: Seconds = PERIOD,
        *,
        metadata: Mapping[str, str] | None = None,
        not_after: float | datetime | None = None,
    ) -> Lease | None:
        """Acquire it if it is free, for `period` seconds; None if it is held, by whomever. Never waits.

        Nothing renews it until you do, or call `keep_alive`. `not_after` (Unix seconds or an aware
        datetime) caps it: it never outlives that, however often it is renewed.
        """
        return self.acquire_with_secret(
            name, new_secret(), machine_id, version, period, metadata=metadata, not_after=not_after
        )

    def acquire_with_secret(
        self,
        name: str,
        secret: str,
        machine_id: str | None = None,
        version: int = 0,
        period: Seconds = PERIOD,
        *,
        metadata: Mapping[str, str] | None = None,
        not_after: float | datetime | None = None,
    ) -> Lease | None:
        """`acquire_lease` under a secret that the caller chose, for shell scripts; keep it hard to guess."""
        key = self._key(name)
        arguments.secret(secret)
        seconds = self._keeper.period(period)
        value = arguments.holding(
            name,
            arguments.machine(machine_id, self._machine_id),
            arguments.version(version),
            seconds,
            arguments.metadata(metadata),
            self._clock,
            secret,
        )
        ends_at = arguments.ends_at(not_after, self._clock)
        timeout = self._keeper.timeout
        grant = self._keeper.registry.acquire(key, value, seconds, ends_at, timeout)
        return None if grant is None else self._ours(name, grant, secret)

    def wait_lease(
        self,
        name: str,
        machine_id: str | None = None,
        version: int = 0,
        period: Seconds = PERIOD,
        *,
        metadata: Mapping[str, str] | None = None,
        not_after: float | datetime | None = None,
        timeout: Seconds | None = None,
    ) -> Lease:
        """`acquire_lease`, waiting up to `timeout` seconds (None: for ever; 0: one try).

        Raises `AcquireTimeout` if it is still held then, and the store's own error if the store
        could not be reached at the end. There is no order among waiters; use a lock for that.
        """
        key = self._key(name)
        limit = waiting(timeout)

        def attempt() -> Lease | None:
            return self.acquire_lease(
                name, machine_id, version, period, metadata=metadata, not_after=not_after
            )

        request = self._keeper.timeout
        return wait_for(self._store, self._clock, key, attempt, limit, request)

    def steal_lease(
        self, name: str, machine_id: str | None, version: int, period: Seconds, index: int
    ) -> Lease | None:
        """Take it from its holder, whose lease you saw at `index`; None if it moved or is gone.

        The token rises; the victim is told at its next look, so wait out `time_remaining` of the
        view you saw before you act on what it may still be writing without a fence.
        """
        key = self._key(name)
        seconds = self._keeper.period(period)
        seen = arguments.index(index)
        secret = new_secret()
        value = arguments.holding(
            name,
            arguments.machine(machine_id, self._machine_id),
            arguments.version(version),
            seconds,
            {},
            self._clock,
            secret,
        )
        timeout = self._keeper.timeout
        grant = self._keeper.registry.steal(key, value, seconds, seen, timeout)
        return None if grant is None else self._ours(name, grant, secret)

    def resume(self, name: str, secret: str) -> Lease:
        """Take up a lease acquired elsewhere, proven by its secret; raises `LeaseLost` for a wrong or old one.

        It counts as a renewal. The handle it was acquired with stays valid until one of the two
        renews by hand or by heartbeat; the other then loses.
        """
        key = self._key(name)
        arguments.secret(secret)
        grant = self._keeper.registry.resume(key, secret, self._keeper.timeout)
        return self._ours(name, grant, secret)

    def list_leases(self, prefix: str = "") -> list[Lease]:
        """Views of all live leases whose names start with `prefix`, by name; corrupt ones are left out."""
        self._keeper.demand()
        start = prefix_of(self._keeper.namespace, LEASES, prefix)
        records = self._store.list(start, timeout=self._keeper.timeout)
        return [self._view(record) for record in records]

    def watch(self, name: str, timeout: Seconds | None = None) -> Iterator[Lease | None]:
        """The state of `name` now (a view, or None), then each new state, for `timeout` seconds.

        Changes in quick succession may be folded into one.
        """
        key = self._key(name)
        bound = Deadline(self._clock, waiting(timeout))
        bell = Bell(self._store, self._clock, key, self._keeper.timeout)
        return changes(bell, lambda: self.get_lease(name), bound)

    def read(self, key: str) -> bytes | None:
        """The namespace's own datum, as written by `Lease.commit`; None if there is none. Linearizable."""
        self._keeper.demand()
        where = data_key(self._keeper.namespace, key)
        record = self._store.read(where, timeout=self._keeper.timeout)
        return None if record is None else record.value

    def health(self) -> list[str]:
        """Conditions an operator should look at, one sentence each; raises `StoreError` when unreachable."""
        self._keeper.demand()
        conditions = self._store.health(timeout=self._keeper.timeout)
        if self._keeper.heartbeat.dead:
            conditions = [*conditions, "the heartbeat thread died: kept leases end at their deadline"]
        return conditions

    def close(self) -> None:
        """Release what is kept alive, within 1.5 s, and end the threads; what is merely acquired is left.

        In a child of fork it does nothing.
        """
        if not self._keeper.home.here or self._keeper.closed:
            return
        bound = Deadline(self._clock, CLOSING)
        for lease in self._keeper.kept():
            if bound.left(RELEASING) <= 0:
                break
            try:
                lease.release()
            except CoordinationError:
                continue
        self._keeper.close()
        if self._owns_store:
            self._store.close()

    def __enter__(self) -> Self:
        """The manager, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._keeper.closed else "open"
        return f"<Manager of {self._machine_id!r} on {self._store!r} {state}>"

    def _key(self, name: str) -> str:
        key = lease_key(self._keeper.namespace, name)
        self._keeper.demand()
        return key

    def _ours(self, name: str, grant: Grant, secret: str) -> Lease:
        lease = Lease(self._keeper, name, grant.value, grant, secret)
        self._keeper.events.debug("lease-acquired", name=name, token=grant.token)
        return lease

    def _view(self, record: Record) -> Lease:
        value: LeaseValue = decode(record.value)
        ttl = record.ttl or value.period
        left = ttl if record.time_left is None else record.time_left
        token = value.token or record.index
        session = Session(record.session or "", left)
        grant = Grant(record.key, token, record.index, value, session, value.period or ttl)
        return Lease(self._keeper, name_of(record.key), value, grant, view=True)
