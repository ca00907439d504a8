"""Identity: what makes a lease ours is the acquisition, never the name of the machine."""

from __future__ import annotations

import pytest

from coordination.errors import LeaseLost
from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got


class IdentityCases(Fleet):
    """Cloned machines with one machine id, fleet's most frequent trouble (#1181, #1241, #1533)."""

    def test_d17_an_equal_machine_id_is_no_claim(self, harness: ManagerHarness) -> None:
        """D17: two processes with the same machine id do not both lead."""
        one, clone = harness.manager("m1"), harness.manager("m1")
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        assert clone.acquire_lease(NAME, period=harness.ample) is None
        view = got(clone.get_lease(NAME))
        assert view.machine_id == lease.machine_id
        assert not view.held

    def test_d17_a_thief_of_the_same_machine_id_beats_the_victim(self, harness: ManagerHarness) -> None:
        """D17: the victim does not mistake its clone's lease for its own."""
        one, clone = harness.manager("m1"), harness.manager("m1")
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        stolen = got(clone.steal_lease(NAME, "m1", 0, harness.ample, lease.index))
        with pytest.raises(LeaseLost):
            lease.renew()
        assert (lease.held, stolen.held) == (False, True)

    def test_d17_a_clone_releases_nothing_of_ours(self, harness: ManagerHarness) -> None:
        """D17: neither by its view nor with a secret of its own can a clone renew or end the lease."""
        one, clone = harness.manager("m1"), harness.manager("m1")
        lease = got(one.acquire_lease(NAME, period=harness.ample))
        view = got(clone.get_lease(NAME))
        for ask in (view.renew, view.release, lambda: clone.resume(NAME, "guessed")):
            with pytest.raises(LeaseLost):
                ask()
        clone.close()
        assert got(one.get_lease(NAME)).index == lease.index
        lease.renew()
