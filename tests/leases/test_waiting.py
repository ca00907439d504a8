"""`wait_lease`: it waits, is woken, gives up in time, and rides out a store out of reach."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest

from coordination import AcquireTimeout, ConfigurationError, Lease, Manager, StoreUnavailable
from coordination.testing import FakeClock
from coordination.timing import Seconds
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, eventually, got


@pytest.fixture
def pool() -> ThreadPoolExecutor:
    """For those who wait."""
    return ThreadPoolExecutor(4)


def _as_time_passes(clock: FakeClock, condition: Callable[[], bool]) -> None:
    """Let time pass, not much faster than threads can follow, until it comes true."""

    def step() -> bool:
        clock.advance(0.05)
        return condition()

    eventually(step, "it comes true as time passes", within=30.0)


def test_a_free_lease_is_not_waited_for(manager: Manager, clock: FakeClock) -> None:
    """One step, no time."""
    lease = manager.wait_lease(NAME, "m1", 2, PERIOD, metadata={"who": "me"}, timeout=None)
    assert (lease.held, lease.version, lease.metadata) == (True, 2, {"who": "me"})
    assert clock.now() == FakeClock().now()


def test_timeout_0_is_one_try(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """0 means not at all, not for ever; and the error is a TimeoutError too."""
    got(other.acquire_lease(NAME, period=PERIOD))
    with pytest.raises(AcquireTimeout) as error:
        manager.wait_lease(NAME, period=PERIOD, timeout=0)
    assert isinstance(error.value, TimeoutError)
    assert clock.now() == FakeClock().now()


def _waiting(
    pool: ThreadPoolExecutor, store: LateStore, manager: Manager, timeout: Seconds | None = None
) -> Future[Lease]:
    """A thread that waits, and is known to have found the lease held."""
    waiter = pool.submit(lambda: manager.wait_lease(NAME, period=PERIOD, timeout=timeout))
    eventually(lambda: "read" in store.calls, "the waiter waits")
    return waiter


@pytest.mark.parametrize("seconds", [3.0, timedelta(seconds=3)], ids=["float", "timedelta"])
def test_it_gives_up_at_its_timeout(
    manager: Manager,
    other: Manager,
    store: LateStore,
    clock: FakeClock,
    pool: ThreadPoolExecutor,
    seconds: float,
) -> None:
    """Not before, and not much after."""
    got(other.acquire_lease(NAME, period=100.0))
    waiter = _waiting(pool, store, manager, timeout=seconds)
    clock.advance(2.9)
    clock.settle()
    assert not waiter.done()
    clock.advance(0.2)
    with pytest.raises(AcquireTimeout):
        waiter.result(10.0)


def test_a_release_wakes_it(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock, pool: ThreadPoolExecutor
) -> None:
    """By the store's watch: no time needs to pass."""
    lease = got(other.acquire_lease(NAME, period=100.0))
    waiter = _waiting(pool, store, manager)
    eventually(lambda: "watch" in store.calls, "the watch")
    lease.release()
    taken = waiter.result(10.0)
    assert taken.held
    assert taken.token > lease.token


def test_it_gets_an_expired_lease_in_time(
    manager: Manager, other: Manager, store: LateStore, clock: FakeClock, pool: ThreadPoolExecutor
) -> None:
    """The holder died: the waiter has it shortly after the period, with no news from anybody."""
    got(other.acquire_lease(NAME, period=PERIOD))
    ends_at = clock.now() + PERIOD
    waiter = _waiting(pool, store, manager)
    while clock.now() < ends_at:
        assert not waiter.done()
        clock.advance(0.125)
        clock.settle(0.02)
    clock.advance(0.125)
    assert waiter.result(30.0).held, "no more time passes: it was told to look just then"


def test_one_of_many_gets_it(
    world: World, other: Manager, clock: FakeClock, pool: ThreadPoolExecutor
) -> None:
    """Each waiter in its turn, never two at a time."""
    lease = got(other.acquire_lease(NAME, period=100.0))
    holding, most = [0], [0]
    mutex = threading.Lock()

    def work() -> int:
        taken = world.manager().wait_lease(NAME, period=100.0)
        with mutex:
            holding[0] += 1
            most[0] = max(most[0], holding[0])
        time.sleep(0.01)
        with mutex:
            holding[0] -= 1
        taken.release()
        return taken.token

    waiters = [pool.submit(work) for _ in range(4)]
    clock.settle()
    lease.release()
    _as_time_passes(clock, lambda: all(waiter.done() for waiter in waiters))
    assert most == [1]
    assert len({waiter.result() for waiter in waiters}) == 4


def test_it_rides_out_a_store_out_of_reach(
    manager: Manager, store: LateStore, clock: FakeClock, pool: ThreadPoolExecutor
) -> None:
    """As long as its own patience lasts, the store's trouble is not the caller's."""
    store.cut()
    waiter = pool.submit(manager.wait_lease, NAME, period=1000.0, timeout=60.0)
    _as_time_passes(clock, lambda: len(store.calls) > 3)
    assert not waiter.done()
    store.mend()
    _as_time_passes(clock, waiter.done)
    assert waiter.result().held


def test_a_store_that_stays_out_of_reach_is_the_error(
    manager: Manager, store: LateStore, clock: FakeClock, pool: ThreadPoolExecutor
) -> None:
    """Not `AcquireTimeout`: nobody knows whether it was held."""
    store.cut()
    waiter = pool.submit(manager.wait_lease, NAME, period=PERIOD, timeout=5.0)
    _as_time_passes(clock, waiter.done)
    with pytest.raises(StoreUnavailable):
        waiter.result()


def test_an_unknown_attempt_is_not_left_behind(manager: Manager, store: LateStore, world: World) -> None:
    """A lost answer while waiting: the wait goes on, and ends with one lease and one session."""
    store.post_late("create")
    lease = manager.wait_lease(NAME, period=PERIOD, timeout=60.0)
    store.deliver()
    assert lease.held
    assert len(world.stored()) == 2
    assert lease.release()
    assert world.stored() == []


def test_nothing_is_left_of_a_wait(manager: Manager, other: Manager, world: World) -> None:
    """Who gave up leaves neither a record nor a session nor a watch."""
    lease = got(other.acquire_lease(NAME, period=PERIOD))
    before = world.stored()
    with pytest.raises(AcquireTimeout):
        manager.wait_lease(NAME, period=PERIOD, timeout=0)
    assert world.stored() == before
    lease.release()
    assert world.stored() == []


@pytest.mark.parametrize("timeout", [-1, float("nan"), True, "5", float("inf")], ids=repr)
def test_a_timeout_that_makes_no_sense_is_refused(
    manager: Manager, store: LateStore, timeout: object
) -> None:
    """Before any I/O; waiting for ever is said with None."""
    with pytest.raises(ConfigurationError):
        manager.wait_lease(NAME, period=PERIOD, timeout=timeout)  # type: ignore[arg-type]
    assert store.calls == []
