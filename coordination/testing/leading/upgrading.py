"""Rolling upgrades and twins: fleet's D15 to D18; never two at work."""

from __future__ import annotations

from coordination.testing.leading.base import Leading
from coordination.testing.leading.floor import Floor
from coordination.testing.leading.harness import LeaderHarness
from coordination.testing.leading.running import Running


class UpgradeCases(Leading):
    """Many machines, two versions, one worker."""

    def test_fleet_d15_a_rolling_upgrade(self, harness: LeaderHarness) -> None:
        """D15: three machines of version 1, one after the other replaced by version 2; never two workers.

        No ttl is waited for; once version 2 has worked, no version 1 works again.
        """
        floor, begun = Floor(), harness.clock.now()
        old = [harness.run(it, harness.work(floor=floor)) for it in harness.three_leaders(version=1)]
        lost = harness.who_works(old)
        new = [harness.run(it, harness.work(floor=floor)) for it in harness.three_leaders(version=2)]
        harness.who_works(new)
        assert lost.result() == (True, None, "stolen")
        for _ in range(3):
            leads = harness.who_works(new)
            leads.work.finish("done")
            assert leads.result() == (True, "done", None)
            new.remove(leads)
        assert harness.clock.now() < begun + harness.ample
        assert (floor.wrong, floor.versions) == ([], [1, 2, 2, 2])
        harness.considered(next(it for it in old if it is not lost).call)
        assert [it.call.done for it in old] == [it is lost for it in old]

    def test_fleet_d15_an_old_leader_that_hears_nothing(self, harness: LeaderHarness) -> None:
        """D15 and D18: cut off from the store, version 1 stops by its own clock before version 2 begins."""
        store, floor = harness.faulty(), Floor(by_clock=True)
        leader = harness.leader(harness.manager("m1", store), version=1, ttl=harness.brief)
        old = harness.working(leader, harness.work(floor=floor))
        store.cut()
        begun = harness.clock.now()
        new = harness.run(harness.leader(harness.manager("m2"), version=2), harness.work(floor=floor))
        self._stops(harness, old)
        harness.until(lambda: new.work.begun, 3 * harness.period, "version 2 works")
        assert harness.clock.now() >= begun + harness.brief
        assert old.result() == (True, None, "expired")
        assert (floor.wrong, floor.versions) == ([], [1, 2])

    def test_fleet_d18_a_leader_stops_by_its_own_clock(self, harness: LeaderHarness) -> None:
        """D18: nobody confirms its renewals: it is told within its ttl, and the next one works after that."""
        store, floor = harness.faulty(), Floor(by_clock=True)
        one = harness.leader(harness.manager("m1", store), ttl=harness.brief)
        first = harness.working(one, harness.work(floor=floor))
        second = harness.run(harness.leader(harness.manager("m2")), harness.work(floor=floor))
        harness.considered(second.call)
        store.cut()
        begun = harness.clock.now()
        assert self._stops(harness, first) <= begun + harness.brief + 1.0
        assert first.result() == (True, None, "expired")
        harness.until(lambda: second.work.begun, 3 * harness.period, "the next one works")
        assert floor.wrong == []

    def test_fleet_d16_a_leader_recognises_its_own_renewals(self, harness: LeaderHarness) -> None:
        """D16: they are applied, and their answers lost: it leads on, under the same token."""
        store = harness.faulty()
        term = harness.leading(harness.leader(harness.manager("m1", store), renew=harness.period / 10))
        for call in ("replace", "replace_all"):
            store.lose_answer(call, times=2)
        harness.renewed(4)
        assert (term.held, harness.seated().token) == (True, term.token)

    def test_fleet_d17_two_of_one_machine_id_never_both_lead(self, harness: LeaderHarness) -> None:
        """D17: cloned machines: the second waits as anybody would, and never takes the record for its own."""
        floor = Floor()
        one, clone = (harness.leader(harness.manager("m1")) for _ in range(2))
        first = harness.working(one, harness.work(floor=floor))
        second = harness.run(clone, harness.work(floor=floor))
        harness.considered(second.call)
        seen = clone.current()
        assert seen is not None
        assert (seen.machine_id, seen.token) == ("m1", first.work.term.token)
        assert (clone.term, clone.resign()) == (None, False)
        assert first.work.term.held
        first.work.finish()
        harness.eventually(lambda: second.work.working, "the clone works")
        assert floor.wrong == []
        assert second.work.term.token > first.work.term.token

    def test_a_chain_of_takeovers(self, harness: LeaderHarness) -> None:
        """Version 3 steals from version 2, which still waits for version 1: it waits for both, whole.

        Nobody acknowledges for version 2, which never led, and does not lead any more.
        """
        period = harness.brief
        harness.planted(version=1)
        second = harness.leader(harness.manager("m2"), version=2, ttl=period)
        overtaken = harness.begin(second, "campaign")
        harness.taken_by("m2")
        harness.pass_slowly(0.2 * period)
        begun = harness.clock.now()
        third = harness.leader(harness.manager("m3"), version=3)
        call = harness.begin(third, "campaign")
        assert harness.until_done(call, 5 * period) >= begun + 2 * period
        term = call.answer()
        assert (term.version, term.held, third.cluster_version()) == (3, True, 3)
        assert (overtaken.done, second.term) == (False, None)

    @staticmethod
    def _stops(harness: LeaderHarness, cut_off: Running) -> float:
        """When it was last seen at work; whoever looks may stand still.

        Its end is near: a fake clock goes no faster than a real one then, as threads have to keep up.
        """
        at_work = harness.clock.now()

        def ended() -> bool:
            nonlocal at_work
            asked = harness.clock.now()
            if cut_off.work.ended:
                return True
            at_work = asked
            return False

        harness.until(ended, 0.9 * harness.brief, "it is told")
        return at_work
