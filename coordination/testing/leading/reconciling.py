"""The runner of periodic and event-driven work that only the leader does: fleet's T1."""

from __future__ import annotations

from typing import Any

from coordination.errors import CallbackError
from coordination.testing.leading.base import Leading
from coordination.testing.leading.harness import LeaderHarness
from coordination.testing.leading.reconciler import Rounds, reconciler
from coordination.testing.leading.work import IGNORES, WorkError


class ReconcileCases(Leading):
    """`Reconciler`."""

    def test_t1_once_at_the_start_per_event_and_per_interval(self, harness: LeaderHarness) -> None:
        """T1: and not in between; after the stop neither events nor time do anything, and run returns."""
        rounds, stop = Rounds(harness), harness.stop()
        interval = harness.brief
        leader = harness.leader(harness.manager(), ttl=harness.long)
        runner = reconciler(harness, leader, rounds.callback, interval)
        call = harness.begin(runner, "run", stop.event)
        rounds.become(1, "once at the start")
        runner.trigger()
        rounds.become(2, "once for the event")
        harness.let_pass(0.4 * interval)
        harness.considered(call)
        assert rounds.count == 2, "in between"
        harness.let_pass(0.6 * interval)
        rounds.become(3, "once for the interval")
        stop.set()
        harness.answer(call)
        runner.trigger()
        harness.let_pass(1.2 * interval)
        harness.considered_nothing()
        assert rounds.count == 3
        assert len(set(rounds.tokens)) == 1
        assert (leader.term, harness.seat()) == (None, None)

    def test_only_the_leader_reconciles(self, harness: LeaderHarness) -> None:
        """Events and time do nothing for the others; whoever leads next begins with a round."""
        one, two = harness.managers()
        rounds = [Rounds(harness), Rounds(harness)]
        runners = [
            reconciler(harness, harness.leader(it), each.callback, harness.period / 4)
            for it, each in zip((one, two), rounds, strict=True)
        ]
        stops = [harness.stop(), harness.stop()]
        first = harness.begin(runners[0], "run", stops[0].event)
        harness.eventually(lambda: rounds[0].count, "the leader begins")
        second = harness.begin(runners[1], "run", stops[1].event)
        runners[1].trigger()
        harness.let_pass(0.5 * harness.period)
        harness.considered(second)
        assert rounds[1].count == 0
        stops[0].set()
        harness.answer(first)
        harness.eventually(lambda: rounds[1].count, "the next leader begins")
        assert rounds[1].tokens[0] > rounds[0].tokens[-1]
        stops[1].set()
        harness.answer(second)

    def test_an_event_during_a_round_is_not_lost(self, harness: LeaderHarness) -> None:
        """It may have come too late for that round, so there is one more."""
        work, stop = harness.work(), harness.stop()
        runner = reconciler(harness, harness.leader(harness.manager()), work.callback, harness.ample)
        call = harness.begin(runner, "run", stop.event)
        harness.eventually(lambda: work.working, "a round begins")
        runner.trigger()
        work.finish()
        harness.eventually(lambda: len(work.terms) == 2 and work.working, "the next round")
        work.finish()
        stop.set()
        harness.answer(call)

    def test_a_round_is_cut_off_by_the_loss(self, harness: LeaderHarness) -> None:
        """It ends before another can lead; then it campaigns again, until it is stopped."""
        work, stop = harness.work(), harness.stop()
        leader = harness.leader(harness.manager())
        runner = reconciler(harness, leader, work.callback, harness.ample)
        call = harness.begin(runner, "run", stop.event)
        harness.eventually(lambda: work.working, "a round begins")
        harness.rob()
        harness.eventually(lambda: work.cut and work.ended, "it is cut off")
        harness.considered(call)
        harness.vacate()
        harness.eventually(lambda: len(work.terms) == 2 and work.working, "it leads again")
        assert work.terms[1].token > work.terms[0].token
        assert work.terms[1].held
        stop.set()
        harness.answer(call)
        assert (work.ended, harness.seat()) == (True, None)

    def test_a_stop_waits_for_the_round(self, harness: LeaderHarness) -> None:
        """The round under way is told, and waited for; only then it is released."""
        work, stop = harness.work(IGNORES), harness.stop()
        runner = reconciler(harness, harness.leader(harness.manager()), work.callback, harness.ample)
        call = harness.begin(runner, "run", stop.event)
        harness.eventually(lambda: work.working, "a round begins")
        stop.set()
        harness.eventually(lambda: work.cut, "the round is told")
        harness.considered(call)
        assert harness.seat() is not None
        work.finish()
        harness.answer(call)
        assert harness.seat() is None

    def test_a_round_that_fails_is_told(self, harness: LeaderHarness) -> None:
        """As run tells of it, after the release."""
        work, own = harness.work(), WorkError("of the round")
        runner = reconciler(harness, harness.leader(harness.manager()), work.callback, harness.ample)
        call = harness.begin(runner, "run")
        harness.eventually(lambda: work.working, "a round begins")
        work.fail(own)
        harness.eventually(lambda: call.done, "it ends")
        error: Any = call.ended()
        assert isinstance(error, CallbackError)
        assert error.__cause__ is own
        assert harness.seat() is None
