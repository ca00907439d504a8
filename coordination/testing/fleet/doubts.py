"""Doubts: lost answers and lost contact, on which fleet's leaders stepped down or went on too long."""

from __future__ import annotations

import pytest

from coordination.errors import LeaseLost, OutcomeUnknown, StoreUnavailable
from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got


class DoubtCases(Fleet):
    """D16 and D18 (fleet's #750, #808, #1289; etcd's #7177)."""

    def test_d16_acquire_recognises_its_own_write(self, harness: ManagerHarness) -> None:
        """D16: applied, and the answer lost: it is ours, not somebody else's for a period."""
        store = harness.faulty()
        store.lose_answer("create")
        lease = got(harness.manager(store=store).acquire_lease(NAME, period=harness.ample))
        lease.renew()
        assert (lease.held, got(harness.manager().get_lease(NAME)).token) == (True, lease.token)

    def test_d16_renew_recognises_its_own_write(self, harness: ManagerHarness) -> None:
        """D16: the holder re-reads and goes on with the new index, instead of stepping down."""
        store = harness.faulty()
        one, two = harness.manager("m1", store), harness.manager("m2")
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        before = lease.index
        store.lose_answer("replace")
        _, renewed = harness.timed(lease.renew)
        assert renewed.begin + harness.ample <= lease.deadline <= renewed.end + harness.ample
        assert two.steal_lease(NAME, None, 0, harness.ample, before) is None
        assert got(two.get_lease(NAME)).index == lease.index > before
        lease.renew()

    def test_d16_steal_recognises_its_own_write(self, harness: ManagerHarness) -> None:
        """D16: the same for a theft; the victim has lost."""
        store = harness.faulty()
        one, two = harness.manager("m1"), harness.manager("m2", store)
        old = got(one.acquire_lease(NAME, period=harness.ample))
        store.lose_answer("replace")
        thief = got(two.steal_lease(NAME, None, 0, harness.ample, old.index))
        thief.renew()
        assert (thief.held, thief.token > old.token) == (True, True)
        assert one.steal_lease(NAME, None, 0, harness.ample, old.index) is None

    def test_d16_release_recognises_its_own_delete(self, harness: ManagerHarness) -> None:
        """D16: gone is gone; the release is ours, and the next one acquires."""
        store = harness.faulty()
        lease = got(harness.manager("m1", store).acquire_lease(NAME, period=harness.ample))
        store.lose_answer("delete")
        assert lease.release() is True
        assert harness.manager("m2").acquire_lease(NAME, period=harness.ample) is not None

    def test_d16_half_a_renewal_is_none(self, harness: ManagerHarness) -> None:
        """D16: where nobody can say, it raises, is held to its old deadline, and the next one works."""
        store = harness.faulty()
        lease = got(harness.manager(store=store).acquire_lease(NAME, period=harness.ample))
        deadline = lease.deadline
        harness.let_pass(harness.period / 10)
        store.lose_answer("renew_session")
        with pytest.raises(OutcomeUnknown):
            lease.renew()
        assert (lease.held, lease.lost, lease.deadline) == (True, None, deadline)
        lease.renew()
        assert lease.deadline > deadline

    def test_a_failed_renewal_leaves_the_handle_as_it_was(self, harness: ManagerHarness) -> None:
        """One request that did not get through ends no lease (#808): same index, token and deadline."""
        store = harness.faulty()
        lease = got(harness.manager(store=store).acquire_lease(NAME, period=harness.ample))
        before = (lease.index, lease.token, lease.deadline, lease.period)
        store.refuse("replace")
        with pytest.raises(StoreUnavailable):
            lease.renew()
        assert (lease.index, lease.token, lease.deadline, lease.period) == before
        assert (lease.held, lease.lost) == (True, None)
        lease.renew()
        assert lease.index > before[0]

    def test_d18_a_leader_cut_off_stops_by_its_own_clock(self, harness: ManagerHarness) -> None:
        """D18: it believes for its period at most, and never beside the one who takes over."""
        store = harness.faulty()
        one, two, period = harness.manager("m1", store), harness.manager("m2"), harness.brief
        lease, acquired = harness.timed(lambda: got(one.acquire_lease(NAME, period=period)))
        store.cut()
        with pytest.raises(StoreUnavailable):
            lease.renew()
        assert (lease.held, two.acquire_lease(NAME, period=harness.ample)) == (True, None)
        taken, asked = None, acquired.end
        while taken is None:
            assert asked <= acquired.end + period + harness.slack, "nobody takes over"
            harness.let_pass(period / 20)
            asked = harness.clock.now()
            taken = two.acquire_lease(NAME, period=harness.ample)
            assert not (lease.held and taken), "two hold it"
        assert (lease.held, lease.lost, taken.token > lease.token) == (False, "expired", True)
        store.mend()
        with pytest.raises(LeaseLost, match="expired"):
            lease.renew()
        assert got(one.get_lease(NAME)).token == taken.token
