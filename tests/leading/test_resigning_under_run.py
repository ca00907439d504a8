"""Giving up a term while work runs under it: the work ends first."""

from __future__ import annotations

import pytest

from coordination import LeaseLost, RenewError
from coordination.term import Term
from tests.leading.bench import KEY, TTL, Background, Bench, Job, eventually


def test_resign_waits_for_the_work(bench: Bench) -> None:
    """From another thread it is told to stop; the record stays until it has."""
    leader, job = bench.leader(), Job(stubborn=True)
    running = Background(lambda: leader.run(job))
    term = job.begun()
    resigning = Background(leader.resign)
    eventually(term.stop.is_set, "the work is told")
    bench.clock.settle()
    assert (resigning.done, term.held, bench.record() is None) == (False, True, False)
    job.finish.set()
    assert resigning.answer() is True
    outcome = running.answer()
    assert (outcome.ran, outcome.value, outcome.lost) == (True, "finished", None)
    assert (bench.record(), term.wait(0), leader.resign()) == (None, "released", False)


def test_resign_inside_the_work_is_done_at_its_end(bench: Bench) -> None:
    """It would wait for itself."""
    leader = bench.leader()
    seen = []

    def work(term: Term) -> None:
        seen.append((leader.resign(), term.held, bench.record() is not None))

    outcome = leader.run(work)
    assert (seen, outcome.lost, bench.record()) == ([(True, True, True)], None, None)


def test_resign_after_a_loss_says_so(bench: Bench) -> None:
    """Also one that happens while it waits for the work to end."""
    leader, job = bench.leader(), Job(stubborn=True)
    running = Background(lambda: leader.run(job))
    term = job.begun()
    resigning = Background(leader.resign)
    eventually(term.stop.is_set, "the work is told")
    record = bench.record()
    assert record is not None
    bench.memory.delete(KEY, record.index, timeout=1.0)
    eventually(lambda: term.lost, "it is noticed")
    job.finish.set()
    with pytest.raises(LeaseLost):
        resigning.answer()
    assert isinstance(running.answer().lost, RenewError)


def test_a_term_that_the_work_releases_itself(bench: Bench) -> None:
    """That is its own decision: no loss, and nothing is left to release."""
    leader = bench.leader()
    outcome = leader.run(Term.release)
    assert (outcome.ran, outcome.value, outcome.lost) == (True, True, None)
    assert leader.run(lambda term: term.token).value > 0


def test_two_runs_of_one_leader_take_turns(bench: Bench) -> None:
    """The second one campaigns like any other, also while the first one leads through the same object."""
    leader, first, second = bench.leader(), Job(), Job()
    one = Background(lambda: leader.run(first))
    token = first.begun().token
    two = Background(lambda: leader.run(second))
    bench.clock.settle()
    assert second.term is None
    first.finish.set()
    assert second.begun().token > token
    second.finish.set()
    assert (one.answer().value, two.answer().value) == ("finished", "finished")


def test_run_under_a_term_that_was_campaigned_for(bench: Bench) -> None:
    """It leads already: the work runs under that term, which is released after it."""
    leader = bench.leader()
    token = leader.campaign().token
    assert leader.run(lambda term: term.token).value == token
    assert bench.record() is None


def test_closing_while_the_work_runs(bench: Bench) -> None:
    """It is told at once; the record is left to its period, because the work may go on for a while."""
    manager, job = bench.manager(), Job(stubborn=True)
    leader = manager.leader("scheduler", ttl=TTL)
    running = Background(lambda: leader.run(job))
    term = job.begun()
    manager.close()
    eventually(term.stop.is_set, "the work is told")
    assert (term.held, term.lost, bench.record() is None) == (False, "closed", False)
    job.finish.set()
    outcome = running.answer()
    assert outcome.lost is not None
    assert getattr(outcome.lost.__cause__, "reason", None) == "closed"
    bench.until(lambda: bench.record() is None, "its period ends", TTL + 1)
