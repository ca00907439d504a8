"""Rolling upgrades: a newer engine takes the lease from an older one, and they never work together.

Who may steal from whom is policy, and no call of a manager: fleet's is `campaign` below.
"""

from __future__ import annotations

import pytest

from coordination.errors import LeaseLost
from coordination.lease import Lease
from coordination.manager import Manager
from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got


def campaign(manager: Manager, name: str, version: int, period: float) -> tuple[Lease | None, float]:
    """Fleet's acquireLeadership: the lease if it is ours now, and the seconds to wait before working."""
    seen = manager.get_lease(name)
    if seen is None:
        return manager.acquire_lease(name, version=version, period=period), 0.0
    if seen.version >= version:
        return None, 0.0
    left = seen.time_remaining
    return manager.steal_lease(name, None, version, period + left, seen.index), left


class UpgradeCases(Fleet):
    """The A rows and D15."""

    def test_a1_a4_a_newer_version_steals(self, harness: ManagerHarness) -> None:
        """A1 to A4: from nobody, and from an older version; not from a newer one, nor from its equal."""
        one, two = harness.managers()
        leads = []
        for there, ours in ((None, 12), (0, 1), (10, 2), (2, 2)):
            name = f"{NAME}-{there}-{ours}"
            if there is not None:
                got(one.acquire_lease(name, version=there, period=harness.ample))
            lease, _ = campaign(two, name, ours, harness.ample)
            leads.append(lease is not None)
            leader = got(two.get_lease(name))
            assert (leader.machine_id, leader.version) == (("m2", ours) if lease else ("m1", there))
        assert leads == [True, True, False, False]

    def test_a2_an_unversioned_engine_is_the_oldest(self, harness: ManagerHarness) -> None:
        """A2 with R2: a bare machine id counts as version 0, so version 1 steals and version 0 does not."""
        harness.write(b"legacy-engine", harness.ample)
        one, two = harness.managers()
        assert campaign(one, NAME, 0, harness.ample)[0] is None
        assert got(campaign(two, NAME, 1, harness.ample)[0]).held

    def test_d15_versions_never_work_together(self, harness: ManagerHarness) -> None:
        """D15: v2 steals from a v1 that does not look, works only once v1's time has run out, and stays.

        What it stole hangs on its own time alone: it is there when a lease as old as v1's is gone.
        """
        one, two = harness.managers()
        old = got(campaign(one, NAME, 1, harness.brief)[0])
        got(one.acquire_lease("as-old", period=harness.brief))
        new, wait = campaign(two, NAME, 2, 5 * harness.brief)
        thief = got(new)
        assert old.remaining <= wait <= harness.brief
        assert (thief.held, old.held) == (True, True)
        harness.expire(wait, "as-old")
        assert (old.held, old.lost) == (False, "expired")
        assert thief.held
        assert got(one.get_lease(NAME)).token == thief.token
        thief.renew()
        with pytest.raises(LeaseLost):
            old.renew()
        assert campaign(one, NAME, 1, harness.brief)[0] is None
