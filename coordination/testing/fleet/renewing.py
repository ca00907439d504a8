"""Renewing: the index moves, the time starts again, and of two handles the second has lost."""

from __future__ import annotations

import pytest

from coordination.errors import LeaseLost
from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got


class RenewCases(Fleet):
    """What `renew` promises."""

    def test_d5_renew_moves_index_and_ttl(self, harness: ManagerHarness) -> None:
        """D5: the index moves, the time starts again, the token stays."""
        one, two = harness.managers()
        period = harness.ample
        lease = got(one.acquire_lease(NAME, period=period))
        token, index = lease.token, lease.index
        harness.let_pass(0.6 * harness.period)
        _, renewed = harness.timed(lease.renew)
        assert lease.index > index
        assert lease.token == token
        assert renewed.begin + period <= lease.deadline <= renewed.end + period
        seen, looked = harness.timed(lambda: got(two.get_lease(NAME)))
        assert (seen.index, seen.token) == (lease.index, token)
        assert renewed.is_left_of(period, seen.time_remaining, looked, harness.rounding)

    def test_d5_renewals_keep_it_beyond_its_period(self, harness: ManagerHarness) -> None:
        """D5: renewed in time it is there when another, acquired after it, is gone; the store has kept it."""
        (one, two), period = harness.managers(), harness.brief
        lease = got(one.acquire_lease(NAME, period=period))
        _, acquired = harness.timed(lambda: got(two.acquire_lease("unrenewed", period=period)))
        asked = acquired.end
        while two.get_lease("unrenewed") is not None:
            assert asked <= acquired.end + period + harness.slack
            harness.let_pass(period / 10)
            lease.renew()
            asked = harness.clock.now()
        assert lease.held
        assert got(two.get_lease(NAME)).token == lease.token
        assert two.acquire_lease(NAME, period=period) is None

    def test_d6_renew_after_a_steal_fails(self, harness: ManagerHarness) -> None:
        """D6: the victim is told, and the thief is not disturbed."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        stolen = got(two.steal_lease(NAME, "m2", 0, harness.ample, lease.index))
        with pytest.raises(LeaseLost) as loss:
            lease.renew()
        assert (loss.value.reason, lease.lost, lease.held) == ("stolen", "stolen", False)
        stolen.renew()
        assert stolen.held

    def test_d6_renew_after_expiry_fails(self, harness: ManagerHarness) -> None:
        """D6: an expired lease is not revived, though nobody else wanted it."""
        one = harness.manager()
        lease = got(one.acquire_lease(NAME, period=harness.period))
        harness.expire(harness.period)
        with pytest.raises(LeaseLost) as loss:
            lease.renew()
        assert loss.value.reason == "expired"
        assert one.get_lease(NAME) is None

    def test_d7_renew_by_a_second_copy_fails(self, harness: ManagerHarness) -> None:
        """D7: of two handles on one acquisition, the one that renews second has lost."""
        one, two = harness.managers()
        first = got(one.acquire_lease(NAME, period=harness.ample))
        assert first.secret is not None
        second = two.resume(NAME, first.secret)
        second.renew()
        with pytest.raises(LeaseLost):
            first.renew()
        second.renew()
        assert (first.held, second.held) == (False, True)

    def test_d7_the_victims_end_does_not_end_the_copy(self, harness: ManagerHarness) -> None:
        """D7: the older handle's loss leaves the acquisition, its token and its time to the newer one."""
        one, two = harness.managers()
        first = got(one.acquire_lease(NAME, period=harness.ample))
        assert first.secret is not None
        second = two.resume(NAME, first.secret)
        with pytest.raises(LeaseLost):
            first.release()
        one.close()
        second.renew()
        assert (second.token, got(two.get_lease(NAME)).index) == (first.token, second.index)

    def test_renew_after_release_is_refused(self, harness: ManagerHarness) -> None:
        """What was given up is not ours to renew; the reason says so."""
        one = harness.manager()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        lease.release()
        with pytest.raises(LeaseLost) as loss:
            lease.renew()
        assert loss.value.reason == "released"
        assert one.get_lease(NAME) is None
