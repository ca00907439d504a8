"""Each step of a wait asks first whether anybody still waits, and nothing is left of it."""

from __future__ import annotations

import pytest

from coordination import ConfigurationError, Lease
from coordination._blocking import BlockingRuntime, iterated
from coordination.bell import Bell
from coordination.errors import StoreUnavailable
from coordination.record import Record
from coordination.runtime import run
from coordination.store import Notify, Subscription
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from coordination.timing import Deadline
from coordination.waiting import wait_for
from coordination.watching import changes
from tests.leases.waits import Waiting
from tests.leases.world import KEY


class Counting(MemoryStore):
    """A store that holds the name for ever, and counts the requests of a waiter."""

    def __init__(self, clock: FakeClock, *, away: bool = False) -> None:
        super().__init__(clock)
        self.away = away
        self.asked = 0

    def read(self, key: str, *, timeout: float) -> Record | None:
        self._count()
        return Record(key, b"m2", 1, 1, "session", 1000.0, 1000.0)

    def watch(self, prefix: str, after: int, notify: Notify, *, timeout: float) -> Subscription:
        self._count()
        return super().watch(prefix, after, notify, timeout=timeout)

    def attempt(self, _timeout: float) -> Lease | None:
        """For `wait_for`."""
        self._count()
        return None

    def _count(self) -> None:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("the store is closed")


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize("steps", range(5))
def test_each_step_asks_first(clock: FakeClock, steps: int, *, away: bool) -> None:
    """After so many steps nobody waits any more: no request more, no retry, and no watch is left."""
    store = Counting(clock, away=away)
    left = [steps]

    def demand() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise ConfigurationError("this manager is closed")

    runtime = BlockingRuntime(clock)
    waiting = Waiting(lambda: run(wait_for(runtime, store, KEY, store.attempt, None, 1.0, demand)))
    while waiting.thread.is_alive() and store.asked <= steps:
        clock.advance(0.25)
        waiting.thread.join(0.01)
    waiting.thread.join(5.0)
    assert not waiting.thread.is_alive(), "it goes on"
    assert isinstance(waiting.error, ConfigurationError)
    assert store.asked == steps
    assert not store._watches


def test_a_watch_that_ends_leaves_nothing(clock: FakeClock) -> None:
    """Its subscription is closed when a look fails."""
    store = MemoryStore(clock)

    def look() -> Lease | None:
        raise ConfigurationError("this manager is closed")

    runtime = BlockingRuntime(clock)
    states = iterated(changes(runtime, Bell(runtime, store, KEY), look, Deadline(clock, None), 1.0))
    with pytest.raises(ConfigurationError):
        next(states)
    assert not store._watches
