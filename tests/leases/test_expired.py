"""What is left in the store of a lease that expired because nobody could renew it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination import Lease, Manager
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.lingering import Lingering, lingering
from tests.leases.world import NAME, PERIOD, World, eventually, got, live


@pytest.fixture
def world(clock: FakeClock) -> Iterator[World]:
    """On a store that keeps what it granted for twice as long."""
    world = lingering(Lingering(clock))
    yield world
    world.close()


def expires(lease: Lease, manager: Manager, store: LateStore, clock: FakeClock) -> None:
    """In an outage that is over a little after we stopped to believe, and long before the store would."""
    store.cut()
    clock.advance(PERIOD)
    eventually(lambda: lease.lost, "the loss")
    assert lease.lost == "expired"
    live(manager, clock, 2.0)
    store.mend()
    store.calls.clear()
    live(manager, clock, 3.0)


def test_what_was_kept_is_released(
    world: World, manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """As soon as the store is back: record and session, so that the name is free before it expires there."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive()
    expires(lease, manager, store, clock)
    assert world.stored() == []
    assert other.acquire_lease(NAME, period=PERIOD) is not None


def test_not_before_its_deadline(world: World, manager: Manager, store: LateStore, clock: FakeClock) -> None:
    """The margin is the holder's: until the period is over, nobody else is let in."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive()
    store.refuse("replace", times=1_000_000)
    clock.advance(PERIOD - 0.25)
    eventually(lambda: lease.lost, "the loss")
    clock.settle()
    assert "delete" not in store.calls
    live(manager, clock, 1.0)
    assert world.stored() == []


def test_what_was_not_kept_is_left_to_the_store(
    world: World, manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """Who renews by hand ends it by hand: the library asks for nothing by itself."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.on_lost(lambda _lease, _reason: None)
    expires(lease, manager, store, clock)
    assert store.calls == []
    assert len(world.stored()) == 2
    clock.advance(PERIOD)
    assert world.stored() == []


def test_a_handle_that_resumed_it_elsewhere_is_left_alone(
    world: World, manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """The older one was cut off, and does not know; what it believed in is over, the lease is not."""
    first = got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive()
    store.cut()
    second = other.resume(NAME, str(first.secret))
    clock.advance(PERIOD / 2)
    second.renew()
    expires(first, manager, store, clock)
    assert "delete" in store.calls, "nothing was tried, so this shows nothing"
    assert len(world.stored()) == 2
    assert world.record() is not None
    assert got(world.manager().get_lease(NAME)).token == second.token


def test_another_holder_is_left_alone(
    world: World, manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """A thief took it while the holder was cut off; of the holder only its own session goes."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive()
    store.cut()
    thief = got(other.steal_lease(NAME, None, 0, 100 * PERIOD, lease.index))
    expires(lease, manager, store, clock)
    assert len(world.stored()) == 2
    thief.renew()
