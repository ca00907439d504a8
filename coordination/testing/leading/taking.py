"""Taking over from an older version: wait until that one has certainly stopped, and only then act."""

from __future__ import annotations

from functools import partial

from coordination.testing.leading.base import Leading
from coordination.testing.leading.harness import NAME, LeaderHarness
from coordination.testing.leading.work import IGNORES
from coordination.timing import margin


class TakeoverCases(Leading):
    """How long a newer version waits, and what ends that."""

    def test_a_takeover_waits_out_the_victims_whole_period(self, harness: LeaderHarness) -> None:
        """From the steal's answer on: the victim's last renewal may have been just before. All see it coming.

        Not only for what was left of it when it was looked at, as fleet did; and a margin more, as the
        victim counts by another clock.
        """
        period = harness.brief
        harness.planted(version=1)
        harness.let_pass(0.4 * period)
        new = harness.leader(harness.manager("m2"), version=2)
        onlooker = harness.leader(harness.manager("m3"))
        begun = harness.clock.now()
        call = harness.begin(new, "campaign")
        harness.taken_by("m2")
        seen = onlooker.current()
        assert seen is not None
        assert (seen.machine_id, seen.version, seen.taking_over, seen.value) == ("m2", 2, True, None)
        assert (new.term, new.cluster_version()) == (None, 0)
        whole = period + margin(period)
        assert harness.until_done(call, 3 * period) >= begun + whole
        term = call.answer()
        after = onlooker.current()
        assert after is not None
        assert (term.held, after.token, after.taking_over) == (True, seen.token, False)
        assert (term.token, new.cluster_version()) == (seen.token, 2)
        assert harness.seated().period == harness.ample, "its own ttl, and no more the victim's"
        harness.pass_slowly(0.1 * harness.period, term)

    def test_the_wait_begins_with_the_answer(self, harness: LeaderHarness) -> None:
        """A steal whose answer takes a third of a period: the wait is a whole one after that."""
        late = 0.3 * harness.brief
        store = harness.faulty()
        harness.planted(version=1)
        new = harness.leader(harness.manager("m2", store), version=2)
        begun = harness.clock.now()
        store.after("replace", lambda: harness.let_pass(late))
        call = harness.begin(new, "campaign")
        harness.taken_by("m2")
        assert harness.until_done(call, 4 * harness.brief) >= begun + late + harness.brief
        assert call.answer().held

    def test_an_acknowledgement_ends_the_wait(self, harness: LeaderHarness) -> None:
        """The older one was told, and says that its work has stopped: no ttl is waited for."""
        old = harness.working(harness.leader(harness.manager("m1"), version=1))
        begun = harness.clock.now()
        new = harness.begin(harness.leader(harness.manager("m2"), version=2), "campaign")
        assert old.result() == (True, None, "stolen")
        term = harness.answer(new)
        assert harness.clock.now() < begun + harness.ample / 2
        assert (term.held, term.token > old.work.term.token) == (True, True)

    def test_only_work_that_has_stopped_is_acknowledged(self, harness: LeaderHarness) -> None:
        """The older one's work goes on for a while, unheld: so long the newer one does not lead."""
        old = harness.working(harness.leader(harness.manager("m1"), version=1), harness.work(IGNORES))
        begun = harness.clock.now()
        new = harness.begin(harness.leader(harness.manager("m2"), version=2), "campaign")
        harness.eventually(lambda: old.work.cut, "the older one is told")
        assert not old.work.term.held
        harness.considered(new)
        old.work.finish("at last")
        assert harness.answer(new).held
        assert harness.clock.now() < begun + harness.ample / 2
        assert old.result() == (True, "at last", "stolen")

    def test_whoever_campaigned_acknowledges_by_releasing(self, harness: LeaderHarness) -> None:
        """Its lost term is released, or the block of it left: only then the newer one leads, and at once."""
        one, two = harness.managers()
        for name, leaves in ((NAME, False), (f"{NAME}-2", True)):
            term = harness.leading(harness.leader(one, name, version=1))
            begun = harness.clock.now()
            new = harness.begin(harness.leader(two, name, version=2), "campaign")
            harness.told_of_loss(term)
            harness.considered(new)
            end = partial(term.__exit__, None, None, None) if leaves else term.release
            assert harness.refused(end) == term.lost == "stolen"
            assert harness.answer(new).held
            assert harness.clock.now() < begun + harness.ample / 2

    def test_an_acknowledgement_outlives_whoever_gave_it(self, harness: LeaderHarness) -> None:
        """The older one's process ends as soon as its work has, and is not there when the newer one looks."""
        store, machine = harness.faulty(), harness.manager("m1")
        old = harness.working(harness.leader(machine, version=1), harness.work(IGNORES))
        begun = harness.clock.now()
        new = harness.begin(harness.leader(harness.manager("m2", store), version=2), "campaign")
        harness.eventually(lambda: old.work.cut, "the older one is told")
        store.cut()
        old.work.finish()
        assert old.result() == (True, None, "stolen")
        machine.close()
        store.mend()
        assert harness.answer(new).held
        assert harness.clock.now() < begun + harness.ample / 2

    def test_observing_a_takeover(self, harness: LeaderHarness) -> None:
        """The older one, the newer one that takes over, and, under the same token, that it leads."""
        one, two, three = harness.three()
        term = harness.leading(harness.leader(one, version=1))
        seen = iter(harness.leader(three).observe())
        assert harness.next_of(seen).token == term.token
        new = harness.begin(harness.leader(two, version=2), "campaign")
        thief = harness.next_of(seen)
        assert (thief.machine_id, thief.version, thief.taking_over) == ("m2", 2, True)
        harness.told_of_loss(term)
        assert harness.refused(term.release) == "stolen"
        leads = harness.next_of(seen)
        assert (leads.token, leads.taking_over, leads.machine_id) == (thief.token, False, "m2")
        assert harness.answer(new).token == leads.token
        harness.shut(seen)

    def test_acknowledgements_do_not_stay(self, harness: LeaderHarness) -> None:
        """They hang on the victim's session, and are removed when nobody can want them any more."""
        one, two = harness.managers()
        old = harness.leader(one, version=1, ttl=harness.brief)
        term = harness.leading(old)
        new = harness.begin(harness.leader(two, version=2), "campaign")
        harness.told_of_loss(term)
        assert harness.refused(term.release) == "stolen"
        assert harness.answer(new).held
        harness.until(lambda: not harness.acknowledgements(), 4 * harness.period, "they are gone")

    def test_a_takeover_given_up_frees_nothing_early(self, harness: LeaderHarness) -> None:
        """By timeout, cancel, or close, during the wait: nobody leads before that would be over.

        Then it does, long before the session that the thief stole with would end by itself.
        """
        names = [f"{NAME}-{way}" for way in ("timeout", "cancel", "close")]
        managers = [harness.manager(f"m{number}") for number in (2, 3, 4)]
        for name in names:
            harness.planted(version=1, name=name)
        begun, period = harness.clock.now(), harness.brief
        early = 0.4 * period
        calls = [
            harness.begin(
                harness.leader(it, name, version=2), "campaign", early if name == names[0] else None
            )
            for it, name in zip(managers, names, strict=True)
        ]
        for machine, name in zip(("m2", "m3", "m4"), names, strict=True):
            harness.taken_by(machine, name)
        next_ones = [
            harness.begin(harness.leader(harness.manager("m5"), name, version=2), "campaign")
            for name in names[:2]
        ]
        harness.let_pass(early)
        harness.eventually(lambda: calls[0].done, "it gives up")
        calls[1].cancel()
        managers[2].close()
        while True:
            led, freed = any(it.done for it in next_ones), not all(harness.seat(name) for name in names)
            if harness.clock.now() >= begun + 0.9 * period:
                break  # What was seen just now may have been seen in good time, or not.
            assert not led, "nobody leads yet"
            assert not freed, "it is freed too early"
            harness.let_pass(period / 20)
            harness.settle()
        for call in next_ones:
            assert harness.until_done(call, begun + 3.5 * period - harness.clock.now()) >= begun + period
        assert [it.answer().machine_id for it in next_ones] == ["m5", "m5"]
