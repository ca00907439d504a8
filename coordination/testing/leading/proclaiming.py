"""What a leader proclaims and everybody sees: proclaim, current, observe."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest

from coordination.errors import ConfigurationError, LeaseLost, OutcomeUnknown
from coordination.testing.leading.base import Leading
from coordination.testing.leading.harness import NAME, LeaderHarness

VALUES: list[Any] = [
    "10.0.0.1:80",
    b"\x00\xff raw",
    {"nested": [1, 2.5, None, True, "ü"]},
    [],
    "",
    b"",
    0,
    None,
]
"""Each has to come back as what it was."""


class ProclaimCases(Leading):
    """The value of a term."""

    def test_what_is_proclaimed_is_seen(self, harness: LeaderHarness) -> None:
        """By the term itself, and by everybody who asks who leads; None, bytes and all of JSON."""
        one, two = (harness.leader(it) for it in harness.managers())
        term = harness.leading(one)
        for value in VALUES:
            one.proclaim(value)
            seen = two.current()
            assert seen is not None
            assert (term.value, seen.value) == (value, value)
            assert (type(term.value), type(seen.value)) == (type(value), type(value))
            assert (seen.token, term.held) == (term.token, True)

    def test_what_cannot_be_proclaimed(self, harness: LeaderHarness) -> None:
        """It is refused before anything is written."""
        leader = harness.leader(harness.manager())
        harness.leading(leader)
        leader.proclaim("kept")
        before = harness.seat()
        never: list[Any] = [object(), {1, 2}, {"a": object()}, math.nan, "\ud800"]
        for value in never:
            with pytest.raises(ConfigurationError):
                leader.proclaim(value)
        assert harness.seat() == before

    def test_without_a_term_nothing_is_proclaimed(self, harness: LeaderHarness) -> None:
        """Neither before there was one, nor after it was resigned, nor while another leads."""
        one, two = (harness.leader(it) for it in harness.managers())
        with pytest.raises(LeaseLost):
            one.proclaim("never")
        harness.leading(one)
        assert one.resign() is True
        harness.leading(two)
        two.proclaim("two's")
        with pytest.raises(LeaseLost):
            one.proclaim("one's")
        seen = one.current()
        assert seen is not None
        assert seen.value == "two's"

    def test_a_proclamation_after_a_theft_changes_nothing(self, harness: LeaderHarness) -> None:
        """It is a compare-and-swap against our own term: the thief's record stays as it is."""
        leader = harness.leader(harness.manager(), ttl=harness.long)
        term = harness.leading(leader)
        stolen = harness.rob()
        with pytest.raises(LeaseLost) as loss:
            leader.proclaim("too late")
        assert loss.value.reason == "stolen"
        there = harness.seat()
        assert there is not None
        assert (there.index, there.value) == (stolen.index, stolen.value)
        assert not term.held

    def test_it_stays_as_long_as_the_term_and_no_longer(self, harness: LeaderHarness) -> None:
        """However often it is renewed; the next term begins with None."""
        one, two = (harness.leader(it, renew=harness.period / 10) for it in harness.managers())
        term = harness.leading(one)
        one.proclaim({"at": "m1"})
        harness.renewed(3)
        assert (harness.current_value(two), term.value, term.held) == ({"at": "m1"}, {"at": "m1"}, True)
        assert one.resign() is True
        term = harness.leading(two)
        assert (harness.current_value(one), term.value) == (None, None)

    def test_i1_i3_who_leads(self, harness: LeaderHarness) -> None:
        """I1 to I3: nobody; another machine; we ourselves. By the token, never by the machine's name."""
        one, two = (harness.leader(it, version=3) for it in harness.managers())
        assert (one.current(), one.term) == (None, None)
        term = harness.leading(two)
        seen = one.current()
        assert seen is not None
        assert (seen.name, seen.machine_id, seen.version, seen.token) == (NAME, "m2", 3, term.token)
        assert (seen.pid, seen.taking_over, one.term) == (os.getpid(), False, None)
        assert seen.host
        assert abs(seen.since - harness.clock.wall()) < 60 + harness.period
        assert seen == two.current()
        assert two.term is not None
        assert two.term.token == seen.token

    def test_observing_tells_who_leads_and_then_each_change(self, harness: LeaderHarness) -> None:
        """Nobody, a leader, what it proclaims, nobody again, and the next one; renewals are no change."""
        one, two, three = harness.three_leaders(renew=harness.period / 10)
        seen = iter(three.observe())
        assert harness.next_of(seen) is None
        first = harness.leading(one)
        assert harness.next_of(seen).token == first.token
        harness.renewed(2)
        one.proclaim("a")
        following = harness.next_of(seen)
        assert (following.token, following.value) == (first.token, "a")
        one.resign()
        assert harness.next_of(seen) is None
        second = harness.leading(two)
        following = harness.next_of(seen)
        assert (following.token, following.machine_id, following.value) == (second.token, "m2", None)
        harness.shut(seen)

    def test_observing_ends_with_its_timeout(self, harness: LeaderHarness) -> None:
        """0 is one look: who leads, or nobody."""
        one, two = (harness.leader(it) for it in harness.managers())
        assert list(two.observe(timeout=0)) == [None]
        term = harness.leading(one)
        (seen,) = two.observe(timeout=0)
        assert seen is not None
        assert (seen.token, seen.machine_id) == (term.token, "m1")

    def test_a_proclamation_in_doubt(self, harness: LeaderHarness) -> None:
        """A lost answer is resolved by a look; if that fails too it says so, and the next beat writes it."""
        store = harness.faulty()
        one, two = harness.leader(harness.manager("m1", store)), harness.leader(harness.manager("m2"))
        term = harness.leading(one)
        store.lose_answer("replace")
        one.proclaim("first")
        assert (harness.current_value(two), term.held) == ("first", True)
        store.after("replace", store.cut)
        with pytest.raises(OutcomeUnknown):
            harness.answer(harness.begin(one, "proclaim", "second"))
        assert term.held
        store.mend()
        one.proclaim("third")
        assert (harness.current_value(two), term.value, term.held) == ("third", "third", True)
