"""Renewing and releasing, after fleet's contract (D cases of the reference notes)."""

from __future__ import annotations

import pytest

from coordination import LeaseLost, Manager
from coordination.testing import FakeClock
from tests.leases.world import NAME, PERIOD, World, got


def test_d5_renew_moves_index_and_ttl(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """D5: the index moves, the time starts again, the token stays."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    token, index = lease.token, lease.index
    clock.advance(6.0)
    lease.renew()
    assert lease.index > index
    assert lease.token == token
    assert lease.deadline == clock.now() + PERIOD
    seen = got(other.get_lease(NAME))
    assert (seen.index, seen.token) == (lease.index, token)
    assert seen.time_remaining == pytest.approx(PERIOD)


def test_d6_renew_after_a_steal_fails(manager: Manager, other: Manager) -> None:
    """D6: the victim is told, and the thief is not disturbed."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    stolen = got(other.steal_lease(NAME, "m2", 0, PERIOD, lease.index))
    with pytest.raises(LeaseLost) as loss:
        lease.renew()
    assert (loss.value.reason, lease.lost, lease.held) == ("stolen", "stolen", False)
    stolen.renew()
    assert stolen.held


def test_d6_renew_after_expiry_fails(manager: Manager, clock: FakeClock) -> None:
    """D6: an expired lease is not revived, though nobody else wanted it."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(PERIOD + 0.1)
    with pytest.raises(LeaseLost) as loss:
        lease.renew()
    assert loss.value.reason == "expired"
    assert manager.get_lease(NAME) is None


def test_d7_renew_by_a_second_copy_fails(manager: Manager, other: Manager) -> None:
    """D7: of two handles on one acquisition, the one that renews second has lost."""
    first = got(manager.acquire_lease(NAME, period=PERIOD))
    assert first.secret is not None
    second = other.resume(NAME, first.secret)
    second.renew()
    with pytest.raises(LeaseLost):
        first.renew()
    second.renew()
    assert (first.held, second.held) == (False, True)


def test_d8_release_after_a_steal_leaves_the_new_holder(manager: Manager, other: Manager) -> None:
    """D8: the victim's release raises, and touches nothing."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    stolen = got(other.steal_lease(NAME, "m2", 0, PERIOD, lease.index))
    with pytest.raises(LeaseLost) as loss:
        lease.release()
    assert (loss.value.reason, lease.lost) == ("stolen", "stolen")
    assert got(manager.get_lease(NAME)).token == stolen.token
    stolen.renew()


def test_d8_release_after_another_acquired_it(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """D8: the same when it had expired before the other took it."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(PERIOD + 0.1)
    taken = got(other.acquire_lease(NAME, period=PERIOD))
    with pytest.raises(LeaseLost):
        lease.release()
    assert got(manager.get_lease(NAME)).token == taken.token


def test_d9_a_second_release_is_false(manager: Manager) -> None:
    """D9 (our deviation): releasing twice is no error, and does not answer True twice."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    assert lease.release() is True
    assert lease.release() is False
    assert lease.lost is None


def test_d9_a_late_second_release_is_false_still(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """D9: also when the period is over and somebody else holds it; that one is not touched."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.release()
    taken = got(other.acquire_lease(NAME, period=10 * PERIOD))
    clock.advance(2 * PERIOD)
    assert lease.release() is False
    assert got(manager.get_lease(NAME)).token == taken.token


def test_renew_after_release_is_refused(manager: Manager) -> None:
    """What was given up is not ours to renew; the reason says so."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.release()
    with pytest.raises(LeaseLost) as loss:
        lease.renew()
    assert loss.value.reason == "released"
    assert manager.get_lease(NAME) is None


def test_d11_time_remaining_is_a_snapshot(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """D11: it does not count down on either side; `remaining` does, on the holder's."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(4.0)
    view = got(other.get_lease(NAME))
    assert view.time_remaining == pytest.approx(6.0)
    clock.advance(3.0)
    assert view.time_remaining == pytest.approx(6.0)
    assert lease.time_remaining == PERIOD
    assert lease.remaining == pytest.approx(3.0 - 0.5)
    assert view.remaining == 0.0


def test_d12_a_period_below_a_second_works(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """D12 (our deviation): half a second is held for half a second, not for ever and not for none."""
    lease = got(manager.acquire_lease(NAME, period=0.5))
    clock.advance(0.3)
    lease.check()
    assert other.acquire_lease(NAME, period=0.5) is None
    clock.advance(0.25)
    assert lease.lost == "expired"
    assert other.acquire_lease(NAME, period=0.5) is not None


def test_a_renewal_moves_what_a_thief_compares(world: World, manager: Manager, other: Manager) -> None:
    """Row 2: the index moves at each renewal, so a thief who looked before always loses."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    seen = []
    for _ in range(5):
        seen.append(got(other.get_lease(NAME)).index)
        lease.renew()
    assert seen == sorted(set(seen))
    assert [other.steal_lease(NAME, None, 0, PERIOD, index) for index in seen] == [None] * 5
    assert lease.held
