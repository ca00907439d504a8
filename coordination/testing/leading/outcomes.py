"""What `Leader.run` answers and raises, however its work or its term ends: D1, D4, D12, D16."""

from __future__ import annotations

from coordination.errors import CallbackError, LeaseLost, RenewError
from coordination.testing.leading.base import Leading
from coordination.testing.leading.electing import CANCELLED
from coordination.testing.leading.harness import LeaderHarness
from coordination.testing.leading.running import Running, reason
from coordination.testing.leading.work import FAILS, IGNORES, SWALLOWS, WorkError


class RunCases(Leading):
    """The result table of `run`."""

    def test_the_work_answers(self, harness: LeaderHarness) -> None:
        """It ran, its value is there, nothing was lost, and the leadership is free."""
        leader = harness.leader(harness.manager())
        running = harness.working(leader)
        assert leader.term is not None
        assert leader.term.token == running.work.term.token
        running.work.finish({"done": 1})
        assert running.result() == (True, {"done": 1}, None)
        assert (harness.seat(), harness.term_of(leader), running.work.term.held) == (None, None, False)

    def test_stopped_before_it_leads(self, harness: LeaderHarness) -> None:
        """A stop that is set already: it did not run, and nothing of it is stored."""
        stop = harness.stop()
        stop.set()
        running = harness.run(harness.leader(harness.manager()), stop=stop)
        assert running.result() == (False, None, None)
        assert (running.work.begun, harness.seat()) == (False, None)

    def test_stopped_while_it_waits(self, harness: LeaderHarness) -> None:
        """It did not run, and the leader is not disturbed."""
        one, two = harness.managers()
        term, stop = harness.leading(harness.leader(one)), harness.stop()
        running = harness.run(harness.leader(two), stop=stop)
        harness.considered(running.call)
        stop.set()
        assert running.result() == (False, None, None)
        assert (running.work.begun, term.held, harness.seated().machine_id) == (False, True, "m1")

    def test_not_leader_within_the_timeout(self, harness: LeaderHarness) -> None:
        """It did not run; 0 is one try, and enough where nobody leads."""
        one, two = harness.managers()
        first = harness.working(harness.leader(one), timeout=0)
        begun = harness.clock.now()
        assert harness.run(harness.leader(two), timeout=0).result() == (False, None, None)
        second = harness.run(harness.leader(two), timeout=0.5)
        harness.let_pass(0.45)
        assert second.result() == (False, None, None)
        assert harness.clock.now() >= begun + 0.5
        assert (first.work.working, first.work.term.held) == (True, True)

    def test_stopped_while_it_leads(self, harness: LeaderHarness) -> None:
        """The work is told as at a loss; that is none, and the next one leads without waiting for a ttl."""
        one, two = harness.managers()
        stop = harness.stop()
        running = harness.working(harness.leader(one), stop=stop)
        waiting = harness.campaigning(harness.leader(two))
        begun = harness.clock.now()
        stop.set()
        assert running.result() == (True, None, None)
        assert running.work.cut
        assert harness.answer(waiting).held
        assert harness.clock.now() < begun + harness.ample / 2

    def test_d1_the_loss_is_a_renew_error_around_it(self, harness: LeaderHarness) -> None:
        """D1: the work is cut off with the very error that the outcome has, whose cause is the loss.

        Asyncio has it as the message of the cancellation; on threads the term says why it is lost.
        """
        running = harness.working(harness.leader(harness.manager()))
        harness.rob()
        outcome = running.outcome()
        assert (outcome.ran, outcome.value) == (True, None)
        assert isinstance(outcome.lost, RenewError)
        assert isinstance(outcome.lost.__cause__, LeaseLost)
        assert reason(outcome.lost) == running.work.term.lost == "stolen"
        assert len(running.work.cuts) == 1
        if harness.aio:
            assert running.work.cuts[0] is outcome.lost

    def test_d4_a_loss_that_the_work_swallows_is_in_the_outcome(self, harness: LeaderHarness) -> None:
        """D4 (our deviation): it ran, has its value, and was lost all the same; the original tells nobody."""
        running = harness.working(harness.leader(harness.manager()), harness.work(SWALLOWS))
        harness.rob()
        assert running.result() == (True, SWALLOWS, "stolen")

    def test_the_work_fails_because_of_the_loss(self, harness: LeaderHarness) -> None:
        """Its own error is a CallbackError, with a note that tells of the loss."""
        running = harness.working(harness.leader(harness.manager()), harness.work(FAILS))
        harness.rob()
        error = running.error()
        assert isinstance(error, CallbackError)
        assert isinstance(error.__cause__, WorkError)
        assert any("stolen" in note for note in error.__notes__)

    def test_an_error_that_is_not_of_the_loss_is_the_callbacks(self, harness: LeaderHarness) -> None:
        """A LeaseLost or a RenewError of something else is the work's own error, as nothing was lost here."""
        for own in (LeaseLost("of another lease", reason="stolen"), RenewError("of another leader")):
            running = harness.working(harness.leader(harness.manager()))
            running.work.fail(own)
            error = running.error()
            assert isinstance(error, CallbackError)
            assert error.__cause__ is own
            harness.vacant()

    def test_d12_released_when_the_work_raises(self, harness: LeaderHarness) -> None:
        """D12: before the run has raised, so that the next one leads at once; whatever it raises."""
        one, two = harness.managers()
        interrupts = (
            [] if harness.aio else [KeyboardInterrupt(), SystemExit(3)]
        )  # An event loop ends by them.
        for own in (WorkError("of the work"), *interrupts):
            running = harness.working(harness.leader(one))
            running.work.fail(own)
            error = running.error()
            assert harness.seat() is None
            assert own in (error, error.__cause__)
            assert harness.leading(other := harness.leader(two)).held
            assert other.resign() is True

    def test_d16_an_outer_cancel_releases_promptly(self, harness: LeaderHarness) -> None:
        """D16 (the original fails at it on a database): the next one leads without waiting for a ttl."""
        one, two = harness.managers()
        running = harness.working(harness.leader(one))
        waiting = harness.campaigning(harness.leader(two))
        begun = harness.clock.now()
        running.cancel()
        assert isinstance(running.error(), CANCELLED)
        assert harness.answer(waiting).held
        assert harness.clock.now() < begun + harness.ample / 2

    def test_stopped_work_is_waited_for(self, harness: LeaderHarness) -> None:
        """Work that is told to stop and goes on for a while keeps the others out for as long."""
        stop = harness.stop()
        running = harness.working(harness.leader(harness.manager()), harness.work(IGNORES), stop=stop)
        stop.set()
        self._waited_for(harness, running)
        assert running.result() == (True, "at last", None)

    def test_cancelled_work_is_waited_for(self, harness: LeaderHarness) -> None:
        """The same when the run is cancelled; on threads only the work itself can be interrupted."""
        running = harness.working(harness.leader(harness.manager()), harness.work(IGNORES))
        if not harness.aio:
            running.work.fail(KeyboardInterrupt())
            assert isinstance(running.error(), KeyboardInterrupt)
            assert harness.seat() is None
            return
        running.call.interrupt()
        self._waited_for(harness, running)
        assert isinstance(running.error(), CANCELLED)

    def _waited_for(self, harness: LeaderHarness, running: Running) -> None:
        """Told to stop it works on; when it ends the next one leads, and not before."""
        waiting = harness.campaigning(harness.leader(harness.manager("m2")))
        harness.eventually(lambda: running.work.cut, "it is told")
        harness.considered(waiting)
        assert (running.work.working, running.call.done, running.work.term.held) == (True, False, True)
        running.work.finish("at last")
        assert harness.answer(waiting).token > running.work.term.token
