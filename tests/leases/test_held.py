"""What a holder believes: D18 of the reference notes, and the properties that count time."""

from __future__ import annotations

import pytest

from coordination import LeaseLost, Manager
from coordination.fate import Fate
from coordination.testing import FakeClock
from coordination.timing import margin
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, got


@pytest.mark.parametrize("period", [0.5, 2.0, 10.0, 100.0])
def test_d18_belief_ends_a_margin_before_the_period(
    manager: Manager, clock: FakeClock, period: float
) -> None:
    """D18: by its own clock, without asking anybody, the holder stops before anybody else may start."""
    lease = got(manager.acquire_lease(NAME, period=period))
    end = lease.deadline - margin(period)
    clock.advance(end - clock.now() - 0.001)
    assert (lease.held, lease.lost) == (True, None)
    lease.check()
    clock.advance(0.002)
    assert (lease.held, lease.remaining, lease.lost) == (False, 0.0, "expired")
    with pytest.raises(LeaseLost):
        lease.check()


def test_d18_nobody_gets_it_while_it_is_believed(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """D18: as long as `held` is true, an acquisition by another is None."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    seen = []
    for _ in range(110):
        taken = other.acquire_lease(NAME, period=0.05)
        seen.append((lease.held, taken is not None))
        clock.advance(0.1)
    assert (True, True) not in seen
    assert {(True, False), (False, True)} <= set(seen)


def test_d18_a_cut_off_holder_stops_by_its_own_clock(
    manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """D18: no store call is needed to know."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.cut()
    calls = list(store.calls)
    clock.advance(PERIOD - 0.4)
    assert (lease.held, lease.lost, lease.remaining) == (False, "expired", 0.0)
    assert store.calls == calls


def test_the_deadline_counts_from_before_the_request(
    manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """A slow acquisition costs the holder, not the others."""
    store.delay("create", 3.0)
    asked_at = clock.now()
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    assert clock.now() == asked_at + 3.0
    assert lease.deadline == asked_at + PERIOD


def test_a_renewals_deadline_counts_from_before_the_request(
    manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """The same for a renewal, whichever half of it was slow."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    for call in ("replace", "renew_session"):
        store.delay(call, 2.0)
        asked_at = clock.now()
        lease.renew()
        assert lease.deadline == asked_at + PERIOD


def test_an_acquisition_slower_than_its_period_is_not_held(
    world: World, store: LateStore, clock: FakeClock
) -> None:
    """What arrives too late to be believed is not believed."""
    manager = world.manager(store, timeout=60.0)
    store.after("create", lambda: clock.advance(PERIOD + 1))
    lease = manager.acquire_lease(NAME, period=PERIOD)
    assert lease is None or not lease.held


def test_a_renewal_slower_than_the_belief_is_a_loss(world: World, store: LateStore, clock: FakeClock) -> None:
    """The store has extended it, but for a while nobody here believed: that is final."""
    manager = world.manager(store, timeout=60.0)
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(5.0)
    store.before("renew_session", lambda: clock.advance(4.6))
    with pytest.raises(LeaseLost) as loss:
        lease.renew()
    assert loss.value.reason == "expired"
    assert (lease.held, lease.lost) == (False, "expired")


def test_the_boot_clock_jumps_over_a_suspend(manager: Manager, clock: FakeClock) -> None:
    """After a suspend of 100 s the very first look says no."""
    lease = got(manager.acquire_lease(NAME, period=60.0))
    kept = got(manager.acquire_lease("kept", period=60.0)).keep_alive()
    clock.advance(100.0)
    assert (lease.held, kept.held) == (False, False)
    assert (lease.lost, kept.lost) == ("expired", "expired")


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_steps_of_the_wall_clock_are_no_loss(
    manager: Manager, other: Manager, clock: FakeClock, step: float
) -> None:
    """An operator who sets the clock ends no lease, and makes nobody else a holder."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.step_wall(step)
    assert lease.held
    lease.renew()
    assert (lease.held, lease.deadline) == (True, clock.now() + PERIOD)
    assert other.acquire_lease(NAME, period=PERIOD) is None


def test_times_for_people_are_wall_times(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """`acquired_at` stays, `renewed_at` moves; both are Unix seconds, on a view as well."""
    acquired_at = clock.wall()
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(5.0)
    lease.renew()
    view = got(other.get_lease(NAME))
    for handle in (lease, view):
        assert handle.acquired_at == pytest.approx(acquired_at, abs=1e-3)
        assert handle.renewed_at == pytest.approx(acquired_at + 5.0, abs=1e-3)


def test_a_fate_is_sealed_once() -> None:
    """Of a loss and another loss, or a release and a loss, at the same moment, the first one counts."""
    lost, released = Fate(), Fate()
    assert lost.lose("stolen") == []
    assert (lost.lose("expired"), lost.lost) == (None, "stolen")
    released.end()
    released.release()
    assert (released.lose("expired"), released.lost) == (None, None)
