"""The Leader of bobg/lease, L1 to L11, and how one of many comes to lead: D13, D14."""

from __future__ import annotations

import asyncio
import itertools

from coordination.errors import CallbackError
from coordination.testing.leading.base import Leading
from coordination.testing.leading.floor import Floor
from coordination.testing.leading.harness import LeaderHarness
from coordination.testing.leading.running import Running
from coordination.testing.leading.work import WorkError
from coordination.testing.recipes.interrupting import Interrupted

CANCELLED = (asyncio.CancelledError, Interrupted, KeyboardInterrupt)
"""What a cancelled run raises: on asyncio, while waiting on a thread, while working on one."""

CONTENDERS = 12


class ElectCases(Leading):
    """Who leads."""

    def test_l1_l3_the_leader_is_kept_and_the_other_waits(self, harness: LeaderHarness) -> None:
        """L1 to L3: the first works at once; the second does not, though more than the ttl passes."""
        first, second = self._players(harness)
        term = first.work.term  # L1
        harness.pass_slowly(0.6 * harness.brief, term)
        assert not second.work.begun, "L2"
        harness.pass_slowly(0.6 * harness.brief, term)
        assert not second.work.begun, "L3"
        assert (first.work.working, term.held) == (True, True)

    def test_l4_l8_the_leaders_work_fails(self, harness: LeaderHarness) -> None:
        """L4 to L8: its run raises a CallbackError around the work's own error, and the next one works.

        The original answers both, that it ran and the error; here who raises a CallbackError has run.
        """
        first, second = self._players(harness)
        own = WorkError("of the work")
        first.work.fail(own)
        error = first.error()  # L4
        soon = harness.brief + (0.0 if harness.exact else 10.0)
        harness.eventually(lambda: second.work.working, "L5: the next one works", within=soon)
        assert first.work.ended, "L6: it ran"
        assert isinstance(error, CallbackError), "L7"
        assert error.__cause__ is own, "L8"
        assert second.work.term.token > first.work.term.token

    def test_l9_cancelled_while_leading(self, harness: LeaderHarness) -> None:
        """L9: the work is told, and what the run raises is the cancellation."""
        _, second, third = self._cancelled(harness)
        error = second.error()
        assert (second.work.ended, isinstance(error, CANCELLED)) == (True, True), repr(error)
        assert not third.work.begun

    def test_l10_l11_cancelled_while_waiting(self, harness: LeaderHarness) -> None:
        """L10, L11: it never worked; what the run raises is the cancellation, no error of a callback."""
        _, _, third = self._cancelled(harness)
        error = third.error()
        assert not third.work.begun, "L10: it did not run"
        assert not isinstance(error, CallbackError), "L10"
        assert isinstance(error, CANCELLED), f"L11: {error!r}"

    def test_d13_two_names_do_not_interfere(self, harness: LeaderHarness) -> None:
        """D13: two leaderships change hands on the same connections; each has one leader at a time."""
        managers = harness.three()
        floors = {name: Floor() for name in ("one", "one/two")}
        runs = {
            name: [harness.run(harness.leader(it, name), harness.work(floor=floor)) for it in managers]
            for name, floor in floors.items()
        }
        for _ in managers:
            for waiting in runs.values():
                _pass_on(harness, waiting)
        assert [(floor.wrong, len(floor.tokens)) for floor in floors.values()] == [([], 3)] * 2

    def test_d14_one_of_many_leads(self, harness: LeaderHarness) -> None:
        """D14: of many contenders on three connections one works at a time, each once, tokens rising."""
        floor, managers = Floor(), itertools.cycle(harness.three())
        leaders = [harness.leader(next(managers)) for _ in range(CONTENDERS)]
        waiting = [harness.run(it, harness.work(floor=floor)) for it in leaders]
        for _ in leaders:
            _pass_on(harness, waiting)
        assert (floor.wrong, len(floor.tokens), waiting) == ([], CONTENDERS, [])
        harness.vacant()

    def test_tokens_rise_over_many_terms(self, harness: LeaderHarness) -> None:
        """Thirty of them, on two connections in turn: resigned, every one is higher than all before it."""
        leaders = [harness.leader(it) for it in harness.managers()]
        tokens = []
        for number in range(harness.terms):
            leader = leaders[number % 2]
            term = harness.leading(leader)
            tokens.append(term.token)
            assert leader.resign() is True
        assert tokens == sorted(set(tokens))
        assert len(tokens) == 30

    def _players(self, harness: LeaderHarness) -> tuple[Running, Running]:
        """Two of one leadership, the first of them at work: Dur 10, Retry 10, Renew 5, Jitter 0."""
        period = harness.brief
        renew = period / 2 if harness.exact else period / 3  # A busy machine may be late for the other.
        one, two = (
            harness.leader(it, ttl=period, retry=period, jitter=0, renew=renew) for it in harness.managers()
        )
        return harness.working(one), harness.run(two)

    def _cancelled(self, harness: LeaderHarness) -> tuple[Running, Running, Running]:
        """The first has had its turn, the second leads, the third waits; both are cancelled, the third first.

        A thread hears of it where it waits: if the second left before that, the third would lead instead.
        """
        one, two, three = harness.three_leaders()
        first, second = harness.working(one), harness.run(two)
        first.work.finish()
        harness.eventually(lambda: second.work.working, "the second works")
        third = harness.run(three)
        harness.considered(third.call)
        third.cancel()
        harness.eventually(lambda: third.call.done, "the one that waits ends")
        second.cancel()
        return first, second, third


def _pass_on(harness: LeaderHarness, waiting: list[Running]) -> None:
    """Have whoever works end, and leave."""
    leads = harness.who_works(waiting)
    leads.work.finish("done")
    assert leads.result() == (True, "done", None)
    waiting.remove(leads)
