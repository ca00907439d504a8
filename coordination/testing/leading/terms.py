"""A term: what its leader has in hand, and campaigns that come to nothing."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.errors import AcquireTimeout, ConfigurationError, LeaseLost
from coordination.testing.leading.base import Leading
from coordination.testing.leading.harness import NAME, LeaderHarness
from coordination.testing.leading.work import IGNORES


class TermCases(Leading):
    """`campaign`, `resign`, and the term between them."""

    def test_a_term_says_who_leads_since_when(self, harness: LeaderHarness) -> None:
        """Everything a hold says, and the machine and its version; after the end that it is over."""
        leader = harness.leader(harness.manager("m1"), version=7)
        assert (leader.name, leader.machine_id, leader.version, leader.ttl) == (NAME, "m1", 7, harness.ample)
        assert harness.term_of(leader) is None
        term = harness.leading(leader)
        there = harness.term_of(leader)
        assert there is not None
        assert there.token == term.token
        assert (term.name, term.machine_id, term.version, term.value) == (NAME, "m1", 7, None)
        assert (term.held, term.lost, term.released, term.metadata) == (True, None, None, {})
        assert 0 < term.remaining <= harness.ample
        record = harness.seat()
        assert record is not None
        assert term.token <= record.index
        assert term.wait(timeout=0) is None
        term.check()
        assert term.release() is True
        assert (term.held, term.lost, term.remaining) == (False, None, 0.0)
        assert harness.term_of(leader) is None
        assert (term.wait(), term.release()) == ("released", False)
        assert isinstance(term.released, float)
        assert harness.refused(term.check) == "released"

    def test_campaigning_again_while_it_leads(self, harness: LeaderHarness) -> None:
        """It has won already: the same term; once that is over it is a new one, under a higher token."""
        leader = harness.leader(harness.manager())
        term = harness.leading(leader)
        assert harness.leading(leader).token == term.token
        assert term.release() is True
        assert harness.leading(leader).token > term.token

    def test_resigning(self, harness: LeaderHarness) -> None:
        """True if it led, False if not, also the second time; the next one need not wait for a ttl."""
        one, two = (harness.leader(it) for it in harness.managers())
        assert one.resign() is False
        term = harness.leading(one)
        waiting = harness.campaigning(two)
        begun = harness.clock.now()
        assert one.resign() is True
        assert (term.held, term.wait(), one.resign()) == (False, "released", False)
        assert harness.answer(waiting).token > term.token
        assert harness.clock.now() < begun + harness.ample / 2
        assert one.resign() is False

    def test_a_block_of_a_term(self, harness: LeaderHarness) -> None:
        """Released at its end; a loss that nobody in it noticed is raised there."""
        leader = harness.leader(harness.manager())
        with harness.leading(leader) as term:
            assert term.held
        assert (term.held, harness.seat()) == (False, None)
        with pytest.raises(LeaseLost, match="stolen"), harness.leading(leader) as term:
            harness.rob()
            harness.eventually(lambda: term.lost, "the loss is told")
        assert harness.seated().machine_id == "thief"

    def test_a_loss_is_told_once(self, harness: LeaderHarness) -> None:
        """To every callback, with the term and the reason; to those who wait; and to who asks later."""
        term = harness.leading(harness.leader(harness.manager()))
        told: list[tuple[int, str]] = []
        term.on_lost(lambda it, reason: told.append((it.token, reason)))
        waiting = harness.begin(term, "wait")
        harness.rob()
        assert harness.answer(waiting) == "stolen"
        term.on_lost(lambda it, reason: told.append((it.token, reason)))
        harness.eventually(lambda: len(told) == 2, "both are told")
        assert told == [(term.token, "stolen")] * 2
        assert (term.held, term.lost) == (False, "stolen")
        assert harness.refused(term.release) == "stolen"
        never: list[Any] = [None, "print"]
        for callback in never:
            with pytest.raises(ConfigurationError):
                term.on_lost(callback)

    def test_a_leader_whose_session_ends_is_told(self, harness: LeaderHarness) -> None:
        """Within seconds, though its next beat is far; another leads then, under a higher token."""
        one, two = (harness.leader(it, ttl=harness.long) for it in harness.managers())
        term = harness.leading(one)
        harness.vacate()
        harness.eventually(lambda: not term.held, "the leader is told", within=harness.told)
        assert harness.leading(two).token > term.token

    def test_a_commit_is_fenced_by_the_term(self, harness: LeaderHarness) -> None:
        """It is applied while we lead, and not after a theft that the thief alone knows of."""
        one, two = harness.managers()
        term = harness.leading(harness.leader(one))
        assert term.commit({"plan": "first"}) > 0
        harness.rob()
        assert harness.refused(lambda: term.commit({"plan": "second"}, deletes=["old"])) == "stolen"
        assert two.read("plan") == b"first"
        assert not term.held

    def test_a_campaign_that_times_out(self, harness: LeaderHarness) -> None:
        """`AcquireTimeout`, not before its time; 0 is one try, and no try leaves a record or a session."""
        store = harness.tally()
        term = harness.leading(harness.leader(harness.manager("m1")))
        leader = harness.leader(harness.manager("m2", store))
        begun = harness.clock.now()
        for timeout in (0, 0.5):
            call = harness.begin(leader, "campaign", timeout)
            harness.let_pass(0.95 * timeout)
            with pytest.raises(AcquireTimeout):
                harness.answer(call)
            assert harness.clock.now() - begun >= timeout - 0.01
        harness.nothing_open(store)
        assert (harness.seated().machine_id, term.held, leader.term) == ("m1", True, None)

    def test_a_campaign_that_is_cancelled(self, harness: LeaderHarness) -> None:
        """It stops waiting at once and leaves nothing: neither a record nor a session, nor a term later."""
        store = harness.tally()
        first = harness.leader(harness.manager("m1"))
        harness.leading(first)
        leader = harness.leader(harness.manager("m2", store))
        harness.campaigning(leader).cancel()
        assert first.resign() is True
        harness.nothing_open(store)
        assert (harness.seat(), leader.term) == (None, None)

    def test_closing_ends_the_term(self, harness: LeaderHarness) -> None:
        """The manager gives back what it leads, and the next one need not wait for a ttl."""
        one, two = harness.managers()
        term = harness.leading(harness.leader(one))
        waiting = harness.campaigning(harness.leader(two))
        begun = harness.clock.now()
        one.close()
        assert not term.held
        assert harness.answer(waiting).held
        assert harness.clock.now() < begun + harness.ample / 2

    def test_resigning_while_work_goes_on(self, harness: LeaderHarness) -> None:
        """From outside, the work of `run` is told, and waited for; inside it is arranged for its end."""
        leader = harness.leader(harness.manager())
        running = harness.working(leader, harness.work(IGNORES))
        call = harness.begin(leader, "resign")
        harness.eventually(lambda: running.work.cut, "the work is told")
        harness.considered(call)
        assert harness.seat() is not None
        running.work.finish("in order")
        assert harness.answer(call) is True
        assert (running.result(), harness.seat()) == ((True, "in order", None), None)
        running = harness.working(leader)
        assert running.work.inside(leader, "resign") is True
        assert (running.work.working, harness.seated().machine_id) == (True, "m1")
        running.work.finish("in order")
        assert (running.result(), harness.seat()) == ((True, "in order", None), None)

    def test_closing_while_work_goes_on(self, harness: LeaderHarness) -> None:
        """It is told, and its term lost; as it may go on, nobody leads before the period is over."""
        one, two = harness.managers()
        running = harness.working(harness.leader(one), harness.work(IGNORES))
        waiting = harness.campaigning(harness.leader(two))
        closing = harness.begin(one, "close")
        harness.eventually(lambda: running.work.cut, "the work is told")
        assert (running.work.term.held, running.work.term.lost) == (False, "closed")
        harness.considered(waiting)
        running.work.finish("at last")
        assert running.result() == (True, "at last", "closed")
        harness.answer(closing)
        harness.considered(waiting)
        assert harness.seated().machine_id == "m1"
