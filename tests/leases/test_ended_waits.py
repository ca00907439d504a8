"""A manager that is closed while a thread waits: the wait ends soon, whatever step it was in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from coordination import ConfigurationError, Lease, Manager
from coordination.errors import StoreUnavailable
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.waits import Waiting
from tests.leases.world import NAME, PERIOD, World, eventually, got


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


def test_what_a_closed_manager_takes_is_given_back(
    world: World, manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """It was closed while its try was on the way: nobody would ever release that."""
    store.after("create", manager.close)
    waiting = Waiting(lambda: manager.wait_lease(NAME, period=PERIOD))
    waiting.ends(clock)
    assert isinstance(waiting.error, ConfigurationError)
    assert world.stored() == []
