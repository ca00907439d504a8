"""A manager that is closed while a thread waits: the wait ends soon, whatever step it was in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from coordination import ConfigurationError, Lease, Manager
from coordination.errors import CoordinationError, StoreUnavailable
from coordination.record import Record
from coordination.store import Notify, Subscription
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from coordination.waiting import Bell, changes, wait_for
from tests.leases.late import LateStore
from tests.leases.world import KEY, NAME, PERIOD, World, eventually, got

SOON = 5.0
"""Seconds of the fake clock in which a wait that nobody waits for any more has to end."""


class Waiting:
    """A call on a thread of its own, and what it raised."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self.error: CoordinationError | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except CoordinationError as error:
            self.error = error

    def ends(self, clock: FakeClock) -> None:
        """Soon, as time passes."""
        until = clock.now() + SOON
        while self.thread.is_alive() and clock.now() < until:
            clock.advance(0.05)
            self.thread.join(0.01)
        self.thread.join(5.0)
        assert not self.thread.is_alive(), "it waits for ever"


def closing(manager: Manager, store: LateStore) -> Callable[[], None]:
    """Ends manager and store, as `connect(URL)` has them end together."""

    def end() -> None:
        manager.close()
        store.cut()

    return end


@pytest.mark.parametrize("call", ["open_session", "create", "watch", "read"])
def test_closing_during_a_step(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock, call: str
) -> None:
    """A try, the beginning of a watch, a look: the step fails, its store being closed, and is not retried."""
    got(other.acquire_lease(NAME, period=1000.0))
    store.before(call, closing(manager, store))
    waiting = Waiting(lambda: manager.wait_lease(NAME, period=PERIOD))
    waiting.ends(clock)
    assert isinstance(waiting.error, ConfigurationError)
    assert "this manager is closed" in str(waiting.error)


@pytest.mark.parametrize("call", ["open_session", "watch", "read"])
def test_closing_in_an_outage(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock, call: str
) -> None:
    """A step that is ridden out is not asked for any more, though the store is as far away as before."""
    got(other.acquire_lease(NAME, period=1000.0))
    store.refuse(call, times=1_000_000)
    waiting = Waiting(lambda: manager.wait_lease(NAME, period=PERIOD))
    eventually(lambda: _passes(clock, store.calls.count(call) > 3), "it is tried again and again")
    manager.close()
    waiting.ends(clock)
    assert isinstance(waiting.error, ConfigurationError)


def _passes(clock: FakeClock, done: bool) -> bool:
    clock.advance(0.05)
    return done


def test_closing_between_two_steps(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """Nothing rings, but it looks again before long."""
    got(other.acquire_lease(NAME, period=1000.0))
    waiting = Waiting(lambda: manager.wait_lease(NAME, period=PERIOD))
    eventually(lambda: "read" in store.calls and clock.waiters, "it waits to be told")
    closing(manager, store)()
    waiting.ends(clock)
    assert isinstance(waiting.error, ConfigurationError)


@pytest.mark.parametrize("held", [True, False])
def test_closing_ends_a_watch(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock, held: bool
) -> None:
    """`Manager.watch` as well, whose steps are not ridden out."""
    if held:
        got(other.acquire_lease(NAME, period=1000.0))
    states: Iterator[Lease | None] = manager.watch(NAME)
    first = next(states)
    assert (first is not None) == held
    waiting = Waiting(lambda: next(states))
    eventually(lambda: clock.waiters, "it waits to be told")
    closing(manager, store)()
    waiting.ends(clock)
    assert isinstance(waiting.error, ConfigurationError)


@pytest.mark.parametrize("call", ["watch", "read"])
def test_closing_while_a_watch_begins(
    manager: Manager, store: LateStore, clock: FakeClock, call: str
) -> None:
    """An error at once: the store's own, or that of the closed manager."""
    store.before(call, closing(manager, store))
    waiting = Waiting(lambda: next(manager.watch(NAME)))
    waiting.ends(clock)
    assert isinstance(waiting.error, StoreUnavailable | ConfigurationError)


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

    waiting = Waiting(lambda: wait_for(store, clock, KEY, store.attempt, None, 1.0, demand))
    while waiting.thread.is_alive() and store.asked <= steps:
        clock.advance(0.25)
        waiting.thread.join(0.01)
    waiting.thread.join(5.0)
    assert not waiting.thread.is_alive(), "it goes on"
    assert isinstance(waiting.error, ConfigurationError)
    assert store.asked == steps
    assert not store._watches


def test_a_watch_that_ends_leaves_nothing(world: World, clock: FakeClock) -> None:
    """Its subscription is closed when a look fails."""
    store = MemoryStore(clock)

    def look() -> Lease | None:
        raise ConfigurationError("this manager is closed")

    from coordination.timing import Deadline

    states = changes(lambda: Bell(store, clock, KEY, 1.0), look, Deadline(clock, None))
    with pytest.raises(ConfigurationError):
        next(states)
    assert not store._watches


def test_what_a_closed_manager_takes_is_given_back(
    world: World, manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """It was closed while its try was on the way: nobody would ever release that."""
    store.after("create", manager.close)
    waiting = Waiting(lambda: manager.wait_lease(NAME, period=PERIOD))
    waiting.ends(clock)
    assert isinstance(waiting.error, ConfigurationError)
    assert world.stored() == []
