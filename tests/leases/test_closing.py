"""The end of a manager, and of a `with` block."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from coordination import ConfigurationError, Lease, LeaseLost, Manager
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, FaultyStore
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, got


def test_close_releases_what_is_kept(world: World, other: Manager) -> None:
    """The next holder need not wait for the period; what was merely acquired is left."""
    manager = world.manager()
    kept = got(manager.acquire_lease("kept", period=PERIOD)).keep_alive()
    left = got(manager.acquire_lease("left", period=PERIOD))
    manager.close()
    assert (kept.held, left.held) == (False, False)
    assert (kept.lost, left.lost) == (None, "closed")
    assert other.get_lease("kept") is None
    assert got(other.get_lease("left")).token == left.token
    assert other.resume("left", str(left.secret)).held


def test_leaving_the_block_closes(world: World, other: Manager) -> None:
    """`with connect(…) as manager`."""
    with world.manager() as manager:
        got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive()
    assert other.get_lease(NAME) is None
    with pytest.raises(ConfigurationError):
        manager.acquire_lease(NAME)


def test_closing_twice_is_no_error(world: World) -> None:
    """Nor is closing what never did anything."""
    manager = world.manager()
    manager.close()
    manager.close()
    assert "closed" in repr(manager)


CALLS: dict[str, Callable[[Manager], object]] = {
    "get": lambda manager: manager.get_lease(NAME),
    "acquire": lambda manager: manager.acquire_lease(NAME),
    "wait": lambda manager: manager.wait_lease(NAME, timeout=0),
    "steal": lambda manager: manager.steal_lease(NAME, None, 0, PERIOD, 1),
    "resume": lambda manager: manager.resume(NAME, "secret"),
    "list": lambda manager: manager.list_leases(),
    "watch": lambda manager: manager.watch(NAME),
    "read": lambda manager: manager.read("key"),
    "health": lambda manager: manager.health(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_closed_manager_does_nothing(
    manager: Manager, store: LateStore, call: Callable[[Manager], object]
) -> None:
    """It says so, and asks nobody."""
    manager.close()
    calls = list(store.calls)
    with pytest.raises(ConfigurationError, match="closed"):
        call(manager)
    assert store.calls == calls


def test_a_lease_of_a_closed_manager_is_lost(manager: Manager) -> None:
    """Renewing it is refused with the reason."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    manager.close()
    for ask in (lease.renew, lease.release, lease.check):
        with pytest.raises(LeaseLost) as loss:
            ask()
        assert loss.value.reason == "closed"


def test_threads_end_with_the_manager(world: World, clock: FakeClock) -> None:
    """Heartbeat and watchdog are gone soon after the close."""
    manager = world.manager()
    got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive()
    threads = [manager._keeper.heartbeat._thread, manager._keeper.watchdog._thread]
    manager.close()
    for thread in threads:
        assert thread is not None
        thread.join(10.0)
        assert not thread.is_alive()


def test_close_is_bounded_when_the_store_hangs() -> None:
    """Ten kept leases and a store that answers nothing: in real time, some seconds at most."""
    store = FaultyStore(MemoryStore())
    manager = _manager_of(store)
    for number in range(10):
        got(manager.acquire_lease(f"lease-{number}", period=60.0)).keep_alive()
    store.delay("*", 60.0, times=1000)
    started = time.monotonic()
    manager.close()
    assert time.monotonic() - started < 4.0


def _manager_of(store: FaultyStore) -> Manager:
    from coordination import connect

    return connect(store, timeout=30.0)


def test_a_block_keeps_and_releases(world: World, manager: Manager, other: Manager) -> None:
    """Inside it is renewed; afterwards it is free."""
    with got(manager.acquire_lease(NAME, period=PERIOD)) as lease:
        world.lives_through(lease, 3 * PERIOD)
        assert lease.held
        assert other.acquire_lease(NAME, period=PERIOD) is None
    assert (lease.held, lease.lost) == (False, None)
    assert other.get_lease(NAME) is None


def test_a_block_releases_when_it_raises(manager: Manager, other: Manager) -> None:
    """Its own error goes through as it is."""
    with pytest.raises(ZeroDivisionError), got(manager.acquire_lease(NAME, period=PERIOD)):
        raise ZeroDivisionError
    assert other.get_lease(NAME) is None


def test_a_block_that_lost_its_lease_raises_at_its_end(manager: Manager, other: Manager) -> None:
    """Nobody may believe that its work was done under the lease."""
    with (
        pytest.raises(LeaseLost) as loss,
        got(manager.acquire_lease(NAME, period=PERIOD)) as lease,
    ):
        _steal(other)
    assert (loss.value.reason, lease.lost) == ("stolen", "stolen")


def test_a_block_that_lost_its_lease_and_raises(manager: Manager, other: Manager) -> None:
    """Its own error goes first, with a note of the loss."""
    with pytest.raises(ZeroDivisionError) as error, got(manager.acquire_lease(NAME, period=PERIOD)):
        _steal(other)
        raise ZeroDivisionError
    assert any("stolen" in note for note in error.value.__notes__)


def test_a_block_may_release_itself(manager: Manager) -> None:
    """Leaving it then is no error."""
    with got(manager.acquire_lease(NAME, period=PERIOD)) as lease:
        assert lease.release() is True
    assert lease.lost is None


def test_a_lost_lease_is_not_entered(manager: Manager, clock: FakeClock) -> None:
    """The block does not run."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(PERIOD)
    ran = threading.Event()
    with pytest.raises(LeaseLost), lease:
        ran.set()
    assert not ran.is_set()


def test_a_block_whose_release_is_unconfirmed_does_not_raise(
    manager: Manager, store: LateStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The work was done under the lease; that the store is away at the end is an event."""
    with got(manager.acquire_lease(NAME, period=PERIOD)) as lease:
        store.cut()
    assert (lease.held, lease.lost) == (False, None)
    assert "release-unconfirmed" in caplog.text


def _steal(thief: Manager) -> Lease:
    while True:
        stolen = thief.steal_lease(NAME, None, 0, PERIOD, got(thief.get_lease(NAME)).index)
        if stolen is not None:
            return stolen
