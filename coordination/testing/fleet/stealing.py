"""Stealing: only at the index one has seen, only what is there, and then for good."""

from __future__ import annotations

from functools import partial

import pytest

from coordination.errors import ConfigurationError
from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got
from coordination.testing.racing import race


class StealCases(Fleet):
    """What `steal_lease` promises."""

    def test_d2_steal_with_the_current_index(self, harness: ManagerHarness) -> None:
        """D2: the thief holds it under a higher token, and everybody sees the thief."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        stolen = got(two.steal_lease(NAME, "m2", 3, harness.ample, lease.index))
        seen = got(one.get_lease(NAME))
        assert stolen.held
        assert stolen.token > lease.token
        assert (seen.machine_id, seen.version) == ("m2", 3)
        assert (seen.token, seen.index) == (stolen.token, stolen.index)

    def test_d2_a_thief_looks_first(self, harness: ManagerHarness) -> None:
        """D2: the index of a view is as good as the holder's own, and a thief can be robbed the same way."""
        one, two = harness.managers()
        got(one.acquire_lease(NAME, period=harness.ample))
        for thief in (two, one, two):
            seen = got(thief.get_lease(NAME))
            stolen = got(thief.steal_lease(NAME, None, 0, harness.ample, seen.index))
            stolen.renew()
            assert stolen.token > seen.token

    def test_d3_steal_with_a_stale_index_changes_nothing(self, harness: ManagerHarness) -> None:
        """D3: a renewal has moved the index; the steal is None and the holder goes on."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        seen = lease.index
        lease.renew()
        assert two.steal_lease(NAME, "m2", 0, harness.ample, seen) is None
        assert got(one.get_lease(NAME)).index == lease.index
        lease.renew()
        assert lease.held

    def test_d3_one_of_many_thieves_succeeds(self, harness: ManagerHarness) -> None:
        """D3: of six that saw the same index one gets it; that one's renewal is not disturbed."""
        thieves = [harness.manager(f"thief-{number}") for number in range(6)]
        seen = got(harness.manager().acquire_lease(NAME, period=harness.ample)).index
        leases = race([partial(m.steal_lease, NAME, None, 0, harness.ample, seen) for m in thieves])
        winners = [lease for lease in leases if lease is not None]
        assert len(winners) == 1
        winners[0].renew()
        assert got(thieves[0].get_lease(NAME)).token == winners[0].token

    def test_d4_steal_after_expiry_is_none(self, harness: ManagerHarness) -> None:
        """D4: what is gone cannot be stolen, only acquired."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.period))
        harness.expire(harness.period)
        assert two.steal_lease(NAME, "m2", 0, harness.period, lease.index) is None
        assert got(two.acquire_lease(NAME, period=harness.ample)).token > lease.token

    def test_d4_steal_after_release_is_none(self, harness: ManagerHarness) -> None:
        """D4: the same when its holder gave it up."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        lease.release()
        assert two.steal_lease(NAME, "m2", 0, harness.ample, lease.index) is None
        assert two.get_lease(NAME) is None

    def test_d4_steal_of_what_never_was_is_none(self, harness: ManagerHarness) -> None:
        """D4: at any index; a theft creates nothing."""
        one = harness.manager()
        assert [one.steal_lease(NAME, None, 0, harness.ample, index) for index in (1, 2**62)] == [None, None]
        assert harness.record() is None

    def test_d13_index_0_is_refused(self, harness: ManagerHarness) -> None:
        """D13 (our deviation): fleet's 0 meant 'overwrite whatever is there'; nothing reaches the store."""
        store = harness.faulty()
        one = harness.manager(store=store)
        for index in (0, -1, True, 1.0, "1", None):
            with pytest.raises(ConfigurationError):
                one.steal_lease(NAME, "m1", 0, harness.ample, index)  # type: ignore[arg-type]
        assert store.calls == []

    def test_a_renewal_moves_what_a_thief_compares(self, harness: ManagerHarness) -> None:
        """Row 2: the index moves at each renewal, so a thief who looked before always loses."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        seen = []
        for _ in range(5):
            seen.append(got(two.get_lease(NAME)).index)
            lease.renew()
        assert seen == sorted(set(seen))
        assert [two.steal_lease(NAME, None, 0, harness.ample, index) for index in seen] == [None] * 5
        assert lease.held
