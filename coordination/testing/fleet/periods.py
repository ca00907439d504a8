"""Periods: each lease has its own, it can be changed, and none is silently for ever or for nothing."""

from __future__ import annotations

import math

import pytest

from coordination.errors import ConfigurationError, LeaseLost
from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got


class PeriodCases(Fleet):
    """What `period` means at each call that takes one."""

    def test_d12_a_period_below_a_second_works(self, harness: ManagerHarness) -> None:
        """D12 (our deviation): half a second is held for half a second, not for ever and not for none.

        A store that grants no less than some seconds grants those, or refuses, says so, and leaves nothing.
        """
        one, two = harness.managers()
        if harness.shortest > 0.5:
            with pytest.raises(ConfigurationError, match=f"between {harness.shortest:g}"):
                one.acquire_lease(NAME, period=0.5)
            assert two.acquire_lease(NAME, period=harness.shortest) is not None
            return
        granted = harness.granted(0.5)
        lease, acquired = harness.timed(lambda: got(one.acquire_lease(NAME, period=0.5)))
        assert acquired.begin + granted <= lease.deadline <= acquired.end + granted
        harness.let_pass(0.3)
        lease.check()
        assert two.acquire_lease(NAME, period=0.5) is None
        harness.expire(granted - 0.3 - 0.05)
        assert lease.lost == "expired"
        assert two.acquire_lease(NAME, period=0.5) is not None

    def test_d12_a_period_of_nothing_is_refused(self, harness: ManagerHarness) -> None:
        """D12 (our deviation): fleet's 0 and below meant for ever; nothing reaches the store."""
        store = harness.faulty()
        one = harness.manager(store=store)
        for period in (0, 0.0, -1, -0.5, math.nan, math.inf, True, "10", None):
            with pytest.raises(ConfigurationError):
                one.acquire_lease(NAME, period=period)  # type: ignore[arg-type]
            with pytest.raises(ConfigurationError):
                one.steal_lease(NAME, None, 0, period, 1)  # type: ignore[arg-type]
        assert store.calls == []

    def test_each_lease_has_a_period_of_its_own(self, harness: ManagerHarness) -> None:
        """The short ones end in their time; one manager's long lease beside them does not."""
        one, two = harness.managers()
        long = got(one.acquire_lease("long", period=harness.ample))
        short = got(one.acquire_lease(NAME, period=harness.period))
        harness.expire(harness.period)
        assert (short.held, long.held) == (False, True)
        assert [lease.name for lease in two.list_leases()] == ["long"]
        assert (one.get_lease(NAME), two.get_lease(NAME)) == (None, None)
        long.renew()

    def test_renew_with_a_longer_period(self, harness: ManagerHarness) -> None:
        """The record outlives the session it was created on; index up, same token, the new period stays."""
        (one, two), longer = harness.managers(), 5 * harness.brief
        lease = got(one.acquire_lease(NAME, period=harness.brief))
        got(two.acquire_lease("as-short", period=harness.brief))
        token, index = lease.token, lease.index
        _, renewed = harness.timed(lambda: lease.renew(longer))
        assert renewed.begin + longer <= lease.deadline <= renewed.end + longer
        harness.expire(harness.brief, "as-short")
        view = got(two.get_lease(NAME))
        assert (view.token, view.index, view.period) == (token, lease.index, longer)
        assert (lease.held, lease.token, lease.index > index) == (True, token, True)
        _, renewed = harness.timed(lease.renew)
        assert renewed.begin + longer <= lease.deadline <= renewed.end + longer

    def test_renew_with_a_shorter_period(self, harness: ManagerHarness) -> None:
        """It takes effect on both sides: the holder stops, and the name is free, at the new time."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        _, renewed = harness.timed(lambda: lease.renew(harness.brief))
        assert renewed.begin + harness.brief <= lease.deadline <= renewed.end + harness.brief
        assert two.acquire_lease(NAME, period=harness.brief) is None
        harness.expire(harness.brief)
        assert (lease.held, lease.lost) == (False, "expired")
        assert got(two.acquire_lease(NAME, period=harness.ample)).token > lease.token

    def test_a_stale_handle_changes_no_period(self, harness: ManagerHarness) -> None:
        """Whether it asks for more time or for less, a victim's renewal leaves the thief's lease as it is."""
        one, two = harness.managers()
        for period in (harness.period, 2 * harness.ample):
            name = f"{NAME}-{period}"
            lease = got(one.acquire_lease(name, period=harness.ample))
            stolen = got(two.steal_lease(name, None, 0, harness.ample, lease.index))
            with pytest.raises(LeaseLost, match="stolen"):
                lease.renew(period)
            view = got(one.get_lease(name))
            assert (view.index, view.period) == (stolen.index, harness.ample)
            stolen.renew()
