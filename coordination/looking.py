"""The part of a manager that only looks: views of leases, watching, data, health."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable, Iterator
from functools import partial

from coordination._blocking import BlockingRuntime, iterated
from coordination.bell import Bell
from coordination.door import Door
from coordination.grant import Grant
from coordination.lease import Lease
from coordination.record import LEASES, Record, Session, data_key, is_key, name_of, prefix_of
from coordination.runtime import Runtime
from coordination.store import Records, TimesLeft
from coordination.timing import Deadline, Seconds, waiting
from coordination.value import LeaseValue, decode
from coordination.watching import View, changes


class Looking(Door):
    """Reads one namespace of one store. Nothing here changes anything."""

    def get_lease(self, name: str) -> Lease | None:
        """A view of the lease as it is now; None if nobody holds it. `LeaseCorrupt` if it makes no sense."""
        key = self._key(name)
        record = self._store.read(key, timeout=self._keeper.timeout)
        return None if record is None else self._view(record)

    def list_leases(self, prefix: str = "") -> list[Lease]:
        """Views of all live leases whose names start with `prefix`, by name.

        Records that make no sense, and keys that no name is kept under, are left out. Where a store
        cannot say (in time) how long a lease has left, `time_remaining` is counted from the holder's
        last renewal by the wall clocks of both machines.
        """
        self._keeper.demand()
        start = prefix_of(self._keeper.namespace, LEASES, prefix)
        bound = Deadline(self._clock, self._keeper.timeout)
        listed = self._store.list(start, timeout=self._keeper.timeout)
        records: Records = [it for it in listed if is_key(it.key, self._keeper.namespace, LEASES)]
        if isinstance(self._store, TimesLeft):
            records = self._store.timed(records, timeout=bound.left(self._keeper.timeout))
        return [self._view(record) for record in records]

    def watch(self, name: str, timeout: Seconds | None = None) -> Iterator[Lease | None]:
        """The state of `name` now (a view, or None), then each new state, for `timeout` seconds.

        Changes in quick succession may be folded into one.
        """
        look = partial(self.get_lease, name)
        return iterated(self.watch_on(BlockingRuntime(self._clock), name, look, timeout))

    def watch_on(
        self, runtime: Runtime, name: str, look: Callable[[], View | None], timeout: Seconds | None
    ) -> AsyncGenerator[View | None, None]:
        """What both faces watch with; not for users."""
        bell = Bell(runtime, self._store, self._key(name))
        bound = Deadline(self._clock, waiting(timeout))
        return changes(runtime, bell, look, bound, self._keeper.timeout)

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
        if self._keeper.watchdog.dead:
            conditions = [*conditions, "the watchdog thread died: a loss is noticed only by whoever looks"]
        return [*conditions, *self._keeper.sharing.conditions()]

    def _view(self, record: Record) -> Lease:
        value = decode(record.value)
        ttl = record.ttl or value.period
        left = self._left(record, value, ttl) if record.time_left is None else record.time_left
        token = value.token or record.index
        session = Session(record.session or "", left)
        grant = Grant(record.key, token, record.index, value, session, value.period or ttl)
        return Lease(self._keeper, name_of(record.key), value, grant, view=True)

    def _left(self, record: Record, value: LeaseValue, ttl: float) -> float:
        """Where the store does not say, by the wall clocks of two machines: for people, not for deciding."""
        if record.session is None:
            return math.inf  # Written by a stranger, it stays until somebody removes it.
        if not value.renewed_at:
            return ttl
        return min(ttl, max(0.0, value.renewed_at + ttl - self._clock.wall()))
