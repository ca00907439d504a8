"""Handing leadership over to a certain machine; fleet's users had to delete a key (#924)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from coordination.errors import LeaseLost
from coordination.testing.leading.base import Leading
from coordination.testing.leading.floor import Floor
from coordination.testing.leading.harness import LeaderHarness
from coordination.testing.leading.work import IGNORES

if TYPE_CHECKING:
    from coordination.term import Term

NOT_TAKEN = 3.0
"""Seconds that a transfer waits which nobody takes; long enough for a busy machine to see it wait."""


class TransferCases(Leading):
    """`transfer`."""

    def test_a_transfer_that_is_taken(self, harness: LeaderHarness) -> None:
        """The one named leads, at once, though another has waited longer; the old term is over, not lost."""
        one, two, three = harness.three_leaders()
        term = harness.leading(one)
        waits = harness.campaigning(three)
        takes = harness.campaigning(two)
        begun = harness.clock.now()
        assert harness.answer(harness.begin(one, "transfer", "m2")) is True
        successor = harness.answer(takes)
        assert harness.clock.now() < begun + harness.ample / 2
        assert (successor.machine_id, successor.held, successor.token > term.token) == ("m2", True, True)
        assert (term.held, term.lost, term.wait(), one.term) == (False, None, "released", None)
        harness.considered(waits)
        harness.pass_slowly(0.2 * harness.period, successor)
        assert two.resign() is True
        assert harness.answer(waits).machine_id == "m3"

    def test_a_transfer_that_nobody_takes(self, harness: LeaderHarness) -> None:
        """To a machine that is unknown, or does not campaign: False, and then it is free for everybody."""
        one, two, three = harness.three()
        for name, to in (("unknown", "m9"), ("idle", "m3")):
            leader, other = harness.leader(one, name), harness.leader(two, name)
            term = harness.leading(leader)
            waits = harness.campaigning(other)
            call = harness.begin(leader, "transfer", to, NOT_TAKEN)
            harness.eventually(partial(_over, term), "the term ends")
            harness.considered(waits)
            assert not call.done
            harness.let_pass(NOT_TAKEN)
            assert harness.answer(call) is False
            assert harness.answer(waits).token > term.token
            assert (leader.term, harness.leader(three, name).term, term.lost) == (None, None, None)

    def test_everybody_else_stays_away_meanwhile(self, harness: LeaderHarness) -> None:
        """Also who comes only then. The successor may come late as well."""
        one, two, three = harness.three_leaders()
        term = harness.leading(one)
        call = harness.begin(one, "transfer", "m2", harness.long)
        harness.eventually(partial(_over, term), "the term ends")
        assert harness.seat() is not None, "it is free for whoever comes"
        waits = harness.campaigning(three)
        takes = harness.begin(two, "campaign")
        assert harness.answer(takes).machine_id == "m2"
        assert harness.answer(call) is True
        assert not waits.done

    def test_a_transfer_under_run(self, harness: LeaderHarness) -> None:
        """Asked by another thread or task: the work is told, and waited for; only then it is handed over."""
        floor = Floor()
        one, two, _ = harness.three_leaders()
        running = harness.working(one, harness.work(IGNORES, floor))
        successor = harness.run(two, harness.work(floor=floor))
        harness.considered(successor.call)
        call = harness.begin(one, "transfer", "m2")
        harness.eventually(lambda: running.work.cut, "the work is told")
        for waits in (call, successor.call):
            harness.considered(waits)
        running.work.finish("in order")
        assert harness.answer(call) is True
        assert running.result() == (True, "in order", None)
        harness.eventually(lambda: successor.work.working, "the successor works")
        assert (floor.wrong, len(floor.tokens)) == ([], 2)

    def test_a_transfer_inside_the_callback(self, harness: LeaderHarness) -> None:
        """It is arranged, which True says; done when the work has ended, and not before."""
        floor = Floor()
        one, two, _ = harness.three_leaders()
        running = harness.working(one, harness.work(floor=floor))
        successor = harness.run(two, harness.work(floor=floor))
        harness.considered(successor.call)
        assert running.work.inside(one, "transfer", "m2") is True
        harness.considered(successor.call)
        assert running.work.working
        if not running.work.cut:
            running.work.finish("in order")
        outcome = running.outcome()
        assert (outcome.ran, outcome.lost) == (True, None)
        harness.eventually(lambda: successor.work.working, "the successor works")
        assert (floor.wrong, len(floor.tokens)) == ([], 2)

    def test_without_a_term_there_is_nothing_to_hand_over(self, harness: LeaderHarness) -> None:
        """Before there was one, after it was resigned, and after it was lost: the holder is not disturbed."""
        one, two, _ = harness.three_leaders()
        with pytest.raises(LeaseLost):
            harness.answer(harness.begin(one, "transfer", "m2"))
        harness.leading(one)
        assert one.resign() is True
        term = harness.leading(two)
        with pytest.raises(LeaseLost):
            harness.answer(harness.begin(one, "transfer", "m2"))
        stolen = harness.rob()
        with pytest.raises(LeaseLost):
            harness.answer(harness.begin(two, "transfer", "m1"))
        there = harness.seat()
        assert there is not None
        assert (there.index, term.held) == (stolen.index, False)

    def test_a_transfer_to_a_newer_version(self, harness: LeaderHarness) -> None:
        """The successor takes it without waiting for a period, raises the gate, and older ones stay out."""
        one, two, _ = harness.three_leaders()
        harness.leading(one)
        newer = harness.leader(harness.manager("m7"), version=2)
        call = harness.begin(one, "transfer", "m7", harness.long)
        harness.eventually(lambda: one.term is None or not one.term.held, "the term ends")
        begun = harness.clock.now()
        term = harness.leading(newer)
        assert harness.clock.now() < begun + harness.ample / 2
        assert harness.answer(call) is True
        assert (term.version, two.cluster_version()) == (2, 2)
        assert newer.resign() is True
        harness.campaigning(two)


def _over(term: Term) -> bool:
    return not term.held
