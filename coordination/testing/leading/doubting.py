"""Lost answers, refusals, calls given up halfway: nobody leads beside another, nothing stays behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from coordination.errors import OutcomeUnknown
from coordination.testing.leading.base import Leading
from coordination.testing.leading.floor import Floor
from coordination.testing.leading.harness import NAME, PATIENCE, LeaderHarness
from coordination.testing.leading.tally import TallyStore
from coordination.testing.recipes.calls import Call

CALLS = ("open_session", "create", "read", "commit", "replace", "delete", "close_session", "watch")
"""What a term is made of, from campaign to resignation; each may fail at any time."""


class DoubtCases(Leading):
    """A store that lets us down."""

    def test_a_lost_answer_to_an_acquisition(self, harness: LeaderHarness) -> None:
        """It is applied, and nobody knows: we lead all the same, once, and do not wait for ourselves."""
        store = harness.tally()
        leader = harness.leader(harness.manager("m1", store))
        store.lose_answer("create")
        term = harness.leading(leader)
        assert (term.held, harness.seated().token in (0, term.token)) == (True, True)
        assert leader.resign() is True
        harness.vacant()
        harness.nothing_open(store)

    def test_a_lost_answer_to_a_steal(self, harness: LeaderHarness) -> None:
        """The theft is recognised as ours: the victim is told, acknowledges, and we lead, once."""
        store = harness.faulty()
        old = harness.working(harness.leader(harness.manager("m1"), version=1))
        store.lose_answer("replace")
        begun = harness.clock.now()
        term = harness.leading(harness.leader(harness.manager("m2", store), version=2))
        assert harness.clock.now() < begun + harness.ample / 2
        assert old.result() == (True, None, "stolen")
        assert (term.held, harness.seated().token) == (True, term.token)

    def test_a_lost_answer_to_a_release(self, harness: LeaderHarness) -> None:
        """It is not held any more, and the next one need not wait for a ttl, whatever the caller hears."""
        store = harness.tally()
        one, two = harness.leader(harness.manager("m1", store)), harness.leader(harness.manager("m2"))
        term = harness.leading(one)
        begun = harness.clock.now()
        for call in ("delete", "close_session"):
            store.lose_answer(call)
        try:
            assert harness.answer(harness.begin(one, "resign")) is True
        except OutcomeUnknown:
            assert not term.held
        assert harness.leading(two).token > term.token
        assert harness.clock.now() < begun + harness.ample / 2
        assert not term.held

    def test_any_request_may_be_refused(self, harness: LeaderHarness) -> None:
        """Whichever it is: one leads after the other, and nothing is left in the end."""
        self._in_turn(harness, TallyStore.refuse)

    def test_any_answer_may_be_lost(self, harness: LeaderHarness) -> None:
        """The same for requests that were applied, though nobody knows."""
        self._in_turn(harness, TallyStore.lose_answer)

    def test_a_candidate_that_is_cut_off(self, harness: LeaderHarness) -> None:
        """It rides it out, and leads when the store answers again and the name is free."""
        store = harness.faulty()
        one, two = harness.leader(harness.manager("m1")), harness.leader(harness.manager("m2", store))
        term = harness.leading(one)
        call = harness.campaigning(two)
        store.cut()
        assert one.resign() is True
        harness.considered(call)
        store.mend()
        assert harness.answer(call).token > term.token

    def test_cancelled_while_the_request_is_under_way(self, harness: LeaderHarness) -> None:
        """What the call in flight still wins is given back in the background; the next one leads at once."""
        store = harness.tally()
        leader = harness.leader(harness.manager("m1", store))
        known, under_way = threading.Event(), list[Call]()

        def cancels() -> None:
            assert known.wait(PATIENCE)
            under_way[0].interrupt()

        store.after("create", cancels)
        under_way.append(harness.begin(leader, "campaign"))
        known.set()
        assert under_way[0].ended() is not None
        harness.vacant()
        harness.nothing_open(store)
        assert leader.term is None
        assert harness.leading(harness.leader(harness.manager("m2"))).held

    def test_held_never_lies_after_a_theft(self, harness: LeaderHarness) -> None:
        """A newer version takes over from a leader that hears nothing: not held when the newer one leads.

        Nor is anything that it writes applied, from the theft on.
        """
        store = harness.faulty()
        term = harness.leading(harness.leader(harness.manager("m1", store), version=1, ttl=harness.brief))
        store.cut()
        new = harness.begin(harness.leader(harness.manager("m2"), version=2), "campaign")
        harness.taken_by("m2")
        held_beside: list[float] = []

        def led() -> bool:
            done = new.done  # In this order: the older one is asked after the newer one leads.
            if done and term.held:
                held_beside.append(harness.clock.now())
            return done

        harness.until(led, 3 * harness.period, "the newer one leads")
        assert (held_beside, term.held, new.answer().held) == ([], False, True)
        store.mend()
        assert harness.refused(lambda: term.commit({"plan": "too late"})) in {"stolen", "expired"}

    def test_leaders_on_bad_lines_take_turns(self, harness: LeaderHarness) -> None:
        """Three on connections that lose every tenth answer or so: never two at work, tokens rise."""
        floor = Floor()
        stores = [harness.tally() for _ in range(3)]
        leaders = [
            harness.leader(harness.manager(f"m{number}", store)) for number, store in enumerate(stores, 1)
        ]
        for round_ in range(2):
            for number, store in enumerate(stores):
                call = CALLS[(3 * round_ + number) % len(CALLS)]
                store.lose_answer(call)
                store.refuse(call)
            runs = [harness.run(it, harness.work(floor=floor)) for it in leaders]
            for _ in runs[:]:
                leads = harness.who_works(runs)
                leads.work.finish("done")
                assert leads.result() == (True, "done", None)
                runs.remove(leads)
        assert (floor.wrong, len(floor.tokens)) == ([], 6)

    def _in_turn(self, harness: LeaderHarness, fault: Callable[[TallyStore, str], None]) -> None:
        """For each call a leadership of its own: one leads and resigns under that fault, then two."""
        pairs = [_Pair(harness, fault, call) for call in CALLS]
        for pair in pairs:
            pair.resigns()
        for pair in pairs:
            pair.follows()


class _Pair:
    """One leader on a store where a certain call fails, and the one after it."""

    def __init__(self, harness: LeaderHarness, fault: Callable[[TallyStore, str], None], call: str) -> None:
        self._harness, self._store, self._name = harness, harness.tally(), f"{NAME} {call}"
        self._fault = partial(fault, self._store, call)
        self._one = harness.leader(harness.manager("m1", self._store), self._name, retry=0.1)
        self._two = harness.leader(harness.manager("m2"), self._name, retry=0.1)
        self._fault()
        self._term = harness.leading(self._one)
        self._waiting = harness.begin(self._two, "campaign")

    def resigns(self) -> None:
        """Whatever it hears, it does not lead any more."""
        self._fault()
        try:
            assert self._harness.answer(self._harness.begin(self._one, "resign")) is True
        except OutcomeUnknown:
            assert not self._term.held

    def follows(self) -> None:
        """The other leads, and nothing is left of either."""
        harness = self._harness
        harness.until(lambda: self._waiting.done, harness.period, f"the next one of {self._name!r} leads")
        assert self._waiting.answer().token > self._term.token
        assert not self._term.held
        assert self._two.resign() is True
        harness.vacant(self._name)
        harness.nothing_open(self._store)
