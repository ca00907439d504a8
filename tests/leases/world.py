"""One storage on a fake clock, seen by any number of managers, as by so many processes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from coordination import Lease, Manager, connect
from coordination.heartbeat import Heartbeat
from coordination.record import Record, lease_key
from coordination.store import Store
from coordination.testing import FakeClock
from tests.leases.late import LateStore

PERIOD = 10.0
"""The period of most leases here, in seconds of the fake clock."""

NAME = "engine-leader"
KEY = lease_key("", NAME)


def eventually(condition: Callable[[], object], what: str, within: float = 30.0) -> None:
    """Fail unless `condition` comes true within so many real seconds."""
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, f"not within {within} s: {what}"
        time.sleep(0.003)


def got(lease: Lease | None) -> Lease:
    """The lease, of a step that is known to succeed."""
    assert lease is not None
    return lease


def idle(heartbeat: Heartbeat, clock: FakeClock) -> bool:
    """Whether it waits for the clock, and has nothing to do before that moves."""
    thread = heartbeat._thread
    with heartbeat._mutex:
        dues = [heap[0][0] for heap in (heartbeat._first, heartbeat._spare) if heap]
    if min(dues, default=math.inf) > clock.now():
        return thread is None or thread.ident in clock._waiting
    heartbeat._wake.set()  # A rounding error may have it wait for a moment longer.
    return False


def live(manager: Manager, clock: FakeClock, seconds: float) -> None:
    """Let time pass, and the janitor do in it what it has to."""
    for _ in range(round(seconds * 4)):
        clock.advance(0.25)
        eventually(lambda: idle(manager._keeper.janitor, clock), "the janitor has nothing to do")
        clock.settle(0.01)


def watched(lease: Lease) -> None:
    """Wait until the watch of its record has begun, which is a request of the heartbeat's."""
    noticing = lease._keeper._beats[lease].noticing
    eventually(lambda: noticing._subscription is not None, "the watch has begun")


@dataclass
class World:
    """A storage; `opener` answers another handle to it."""

    clock: FakeClock
    opener: Callable[[], Store]
    stored: Callable[[], list[str]]
    _managers: list[Manager] = field(default_factory=list)
    _stores: list[LateStore] = field(default_factory=list)

    def store(self) -> LateStore:
        """A connection of its own, which can be made to fail."""
        store = LateStore(self.opener(), self.clock)
        self._stores.append(store)
        return store

    def manager(self, store: Store | None = None, **options: Any) -> Manager:
        """A manager of its own, closed with the world."""
        manager = connect(store or self.store(), clock=self.clock, **{"machine_id": "m1", **options})
        self._managers.append(manager)
        return manager

    def record(self, key: str = KEY) -> Record | None:
        """What is stored, seen by a healthy connection."""
        return self.store().inner.read(key, timeout=5.0)

    def lives_through(self, lease: Lease, seconds: float) -> None:
        """Let time pass on the clock, a fifth of the period at a time, while the lease is renewed."""
        until = self.clock.now() + seconds
        while self.clock.now() < until:
            self.clock.advance(lease.period / 5)
            self.is_renewed(lease)

    def is_renewed(self, lease: Lease) -> None:
        """Wait until the heartbeat has done what is due by now, if anything."""

        def up_to_date() -> bool:
            # The clock may have moved after the heartbeat looked at it, and before it began to wait.
            lease._keeper.heartbeat._wake.set()
            third = lease.deadline - lease.time_remaining + lease.period / 3
            return self.clock.now() < third or lease.lost is not None

        eventually(up_to_date, "the renewal that is due")

    def close(self) -> None:
        """Mend and close everything."""
        for store in self._stores:
            store.mend()
        for manager in self._managers:
            manager.close()
        for store in self._stores:
            store.close()
