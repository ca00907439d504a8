"""Releasing: at once, only what is ours, and never anybody else's."""

from __future__ import annotations

import pytest

from coordination.errors import LeaseLost
from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got


class ReleaseCases(Fleet):
    """What `release` promises."""

    def test_a_release_frees_the_name_at_once(self, harness: ManagerHarness) -> None:
        """The next one need not wait for the period; nothing of the lease is left."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        assert lease.release() is True
        assert (lease.held, lease.lost, harness.record()) == (False, None, None)
        assert got(two.acquire_lease(NAME, period=harness.ample)).token > lease.token

    def test_d8_release_after_a_steal_leaves_the_new_holder(self, harness: ManagerHarness) -> None:
        """D8: the victim's release raises, and touches nothing."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        stolen = got(two.steal_lease(NAME, "m2", 0, harness.ample, lease.index))
        with pytest.raises(LeaseLost) as loss:
            lease.release()
        assert (loss.value.reason, lease.lost) == ("stolen", "stolen")
        assert got(one.get_lease(NAME)).token == stolen.token
        stolen.renew()

    def test_d8_release_after_another_acquired_it(self, harness: ManagerHarness) -> None:
        """D8: the same when it had expired before the other took it; and when nobody did (error 100)."""
        one, two = harness.managers()
        untaken = got(one.acquire_lease("untaken", period=harness.period))
        lease = got(one.acquire_lease(NAME, period=harness.period))
        harness.expire(harness.period)
        taken = got(two.acquire_lease(NAME, period=harness.ample))
        for late in (lease, untaken):
            with pytest.raises(LeaseLost) as loss:
                late.release()
            assert (loss.value.reason, late.lost) == ("expired", "expired")
        assert got(one.get_lease(NAME)).token == taken.token

    def test_d9_a_second_release_is_false(self, harness: ManagerHarness) -> None:
        """D9 (our deviation): releasing twice is no error, and does not answer True twice."""
        lease = got(harness.manager().acquire_lease(NAME, period=harness.ample))
        assert lease.release() is True
        assert lease.release() is False
        assert lease.lost is None

    def test_d9_a_late_second_release_is_false_still(self, harness: ManagerHarness) -> None:
        """D9: also when the period is over and somebody else holds it; that one is not touched."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.brief))
        lease.release()
        taken = got(two.acquire_lease(NAME, period=10 * harness.brief))
        harness.let_pass(1.05 * harness.brief)
        assert lease.release() is False
        assert got(one.get_lease(NAME)).token == taken.token
