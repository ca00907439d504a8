"""Which version may lead: fleet's V and A rows, and the gate that keeps older ones from competing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from coordination.errors import AcquireTimeout
from coordination.testing.leading.base import Leading
from coordination.testing.leading.harness import NAME, LeaderHarness

if TYPE_CHECKING:
    from coordination.leader import Leader


class GateCases(Leading):
    """The cluster's version, which only rises."""

    def test_v1_v3_the_clusters_version_rises_and_keeps_older_ones_out(self, harness: LeaderHarness) -> None:
        """V1: from nothing to 1; V2: an equal one goes on; V3: at 2, version 1 does not compete."""
        one, two = harness.managers()
        assert harness.leader(one).cluster_version() == 0
        for version, machine in ((1, one), (1, two), (2, one)):
            leader = harness.leader(machine, version=version)
            harness.leading(leader)
            assert leader.cluster_version() == version
            assert leader.resign() is True
        old = harness.leader(two, version=1)
        with pytest.raises(AcquireTimeout):
            harness.answer(harness.begin(old, "campaign", 0))
        assert (old.cluster_version(), harness.leader(one, version=5).cluster_version()) == (2, 2)
        assert harness.leader(one, "another name").cluster_version() == 0

    def test_a1_a4_who_takes_it_from_whom(self, harness: LeaderHarness) -> None:
        """A1 to A4: from nobody, and from an older version; not from a newer one, nor from its equal."""
        one, two = harness.managers()
        leads = []
        for there, ours in ((None, 12), (0, 1), (10, 2), (2, 2)):
            name = f"{NAME}-{there}-{ours}"
            if there is not None:
                held = harness.leader(one, name, version=there)
                harness.leading(held).on_lost(lambda term, _: harness.refused(term.release))
            candidate = harness.leader(two, name, version=ours)
            if there is not None and there >= ours:
                harness.campaigning(candidate)
            else:
                harness.leading(candidate)
            seen = candidate.current()
            assert seen is not None
            leads.append(candidate.term is not None)
            assert (seen.machine_id, seen.version) == (("m2", ours) if leads[-1] else ("m1", there))
        assert leads == [True, True, False, False]

    def test_an_unversioned_record_is_the_oldest(self, harness: LeaderHarness) -> None:
        """What some other program wrote without a version is of version 0: 0 waits, 1 takes over."""
        harness.planted(version=0, period=harness.ample)
        one, two = harness.managers()
        equal = harness.campaigning(harness.leader(one))
        harness.begin(harness.leader(two, version=1), "campaign")
        harness.taken_by("m2")
        harness.considered(equal)

    def test_once_a_newer_version_has_led_older_ones_wait_for_ever(self, harness: LeaderHarness) -> None:
        """Though it has resigned and the name is free; they write nothing, and newer ones lead on."""
        store = harness.tally()
        new = harness.leader(harness.manager("m2"), version=2)
        harness.leading(new)
        old = harness.campaigning(
            harness.leader(harness.manager("m1", store), version=1, retry=0.2, jitter=0.1)
        )
        assert new.resign() is True
        harness.let_pass(1.0)
        harness.considered(old)
        assert harness.seat() is None
        assert harness.leading(new).held
        assert new.resign() is True
        harness.considered(old)
        harness.nothing_open(store)

    def test_the_gate_is_written_before_anybody_acts(self, harness: LeaderHarness) -> None:
        """A store that refuses that write, or loses its answer, delays the term; nobody leads without it."""
        for number, plan in enumerate(("refuse", "lose_answer")):
            store = harness.faulty()
            name = f"{NAME}-{plan}"
            leader = harness.leader(harness.manager("m1", store), name, version=3)
            onlooker = harness.leader(harness.manager("m2"), name)
            seen: list[int] = []
            store.before("commit", partial(_noted, seen, onlooker))
            getattr(store, plan)("commit", times=2 - number)
            assert harness.leading(leader).held
            assert seen == [0]
            assert onlooker.cluster_version() == 3

    def test_a_gate_that_rises_while_an_older_one_acquires(self, harness: LeaderHarness) -> None:
        """It looked before, and acquires after: it looks again, gives it back at once, and waits on."""
        store = harness.tally()
        new = harness.leader(harness.manager("m2"), version=2)
        old = harness.leader(harness.manager("m1", store), version=1)

        def upgraded() -> None:
            assert new.campaign(timeout=harness.patience).held
            assert new.resign() is True

        store.before("create", upgraded)
        call = harness.begin(old, "campaign")
        harness.eventually(lambda: new.cluster_version() == 2, "the newer one has led")
        harness.eventually(lambda: "create" in store.calls, "the older one has tried")
        harness.nothing_open(store)
        harness.considered(call)
        harness.vacant()
        assert harness.leading(new).held

    def test_the_gate_never_falls(self, harness: LeaderHarness) -> None:
        """An older version that led all the while lets it be, and each name has one of its own."""
        one, two = harness.managers()
        versions = []
        for version in (3, 3, 7):
            leader = harness.leader((one, two)[version % 2], version=version)
            harness.leading(leader)
            leader.proclaim(version)
            versions.append(leader.cluster_version())
            assert leader.resign() is True
        assert versions == [3, 3, 7]
        assert one.read(f"versions/{NAME}") is None, "it is not among the namespace's own data"


def _noted(seen: list[int], leader: Leader) -> None:
    seen.append(leader.cluster_version())
