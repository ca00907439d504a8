"""Mistakes in who leads when, one each, and the case that has to notice; most were made by somebody.

Each breaks the library while a test runs, by way of pytest's `monkeypatch`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordination.grant import Grant
from coordination.outcomes import Outcomes
from coordination.recipes.leading import campaign as campaigns
from coordination.recipes.leading import outcome
from coordination.recipes.leading.campaign import Campaign
from coordination.recipes.leading.candidate import Candidate
from coordination.recipes.leading.takeover import Takeover
from coordination.recipes.leading.tenure import Tenure
from coordination.term import Term, TermFacts
from coordination.value import LeaseValue, decode
from tests.leading.broken_ends import ENDS
from tests.leading.broken_takeovers import TAKEOVERS

Patch = pytest.MonkeyPatch
Mistake = Callable[[Patch], None]


def looks_at_the_gate_once(patch: Patch) -> None:
    """Before it acquires, and not after it."""
    seen: dict[int, int] = {}
    looks = Campaign._gate

    def look(self: Campaign, left: float) -> int:
        return seen.setdefault(id(self), looks(self, left))

    patch.setattr(Campaign, "_gate", look)


def knows_no_gate(patch: Patch) -> None:
    """Whatever is free may be had."""
    patch.setattr(campaigns, "read_gate", lambda *_: 0)


def raises_no_gate(patch: Patch) -> None:
    """Not before it acts, at any rate."""
    patch.setattr(campaigns, "raise_gate", lambda *_: None)


def steals_from_its_equals(patch: Patch) -> None:
    """Newer or equal."""
    takes = Campaign._taken

    async def taken(self: Campaign, seen: Any) -> Tenure | None:
        value = decode(seen.value)
        if value.version == self.candidate.version:
            return await Takeover(self, seen, value).run()
        return await takes(self, seen)

    patch.setattr(Campaign, "_taken", taken)


def takes_its_name_for_itself(patch: Patch) -> None:
    """After a restart: the record names our machine, so it is ours (fleet's isLeader)."""
    takes = Campaign._taken

    async def taken(self: Campaign, seen: Any) -> Tenure | None:
        own = decode(seen.value).machine_id == self.candidate.machine_id
        return await self._succeeded(seen) if own else await takes(self, seen)

    patch.setattr(Campaign, "_taken", taken)


def knows_no_jitter(patch: Patch) -> None:
    """All look at the same time."""
    patch.setattr(Candidate, "pause", lambda self: self.retry)


def competes_in_any_case(patch: Patch) -> None:
    """Nobody asks whether it is eligible."""

    async def always() -> bool:
        return True

    made = Campaign.__init__

    def make(self: Any, runtime: Any, keeper: Any, candidate: Any, _eligible: Any, timeout: Any) -> None:
        made(self, runtime, keeper, candidate, always, timeout)

    patch.setattr(Campaign, "__init__", make)


def leaves_its_sessions(patch: Patch) -> None:
    """A try that comes to nothing leaves the session that it opened."""
    patch.setattr(Outcomes, "abandon", lambda *_: None)


def counts_its_own_terms(patch: Patch) -> None:
    """A number for each leader; they repeat."""
    patch.setattr(TermFacts, "token", property(lambda self: 1 + self._tenure.token % 7))


def believes_as_long_as_the_store_may(patch: Patch) -> None:
    """For up to two ttls, as a Consul may keep a session."""
    believes = Grant._believe

    def believe(self: Grant, deadline: float, ttl: float) -> None:
        believes(self, deadline + ttl, ttl)

    patch.setattr(Grant, "_believe", believe)


def releases_before_the_work_has_ended(patch: Patch) -> None:
    """Told to stop, it has stopped."""
    halts = Term.halt

    def halt(self: Term) -> None:
        halts(self)
        self.release()

    patch.setattr(Term, "halt", halt)


def keeps_the_loss_to_itself(patch: Patch) -> None:
    """The original: work that returned has worked."""

    def sorted_out(tenure: Any, value: Any, error: Any, lost: Any) -> outcome.Outcome:
        return outcome.sorted_out(tenure, value, error, None if error is None else lost)

    patch.setattr("coordination.running.sorted_out", sorted_out)


def forgets_the_value(patch: Patch) -> None:
    """A renewal writes who leads, and nothing else."""
    writes = LeaseValue.rewritten

    def rewritten(self: LeaseValue, token: int, renewed_at: float, period: float) -> LeaseValue:
        value = writes(self, token, renewed_at, period)
        if self.token:
            value.metadata.clear()
        return value

    patch.setattr(LeaseValue, "rewritten", rewritten)


BROKEN: dict[Mistake, str] = {
    looks_at_the_gate_once: "test_a_gate_that_rises_while_an_older_one_acquires",
    knows_no_gate: "test_once_a_newer_version_has_led_older_ones_wait_for_ever",
    raises_no_gate: "test_the_gate_is_written_before_anybody_acts",
    steals_from_its_equals: "test_a1_a4_who_takes_it_from_whom",
    takes_its_name_for_itself: "test_fleet_d17_two_of_one_machine_id_never_both_lead",
    knows_no_jitter: "test_d9_between_two_looks_is_retry_and_its_jitter",
    competes_in_any_case: "test_who_is_not_eligible_does_not_compete",
    leaves_its_sessions: "test_a_campaign_that_times_out",
    counts_its_own_terms: "test_tokens_rise_over_many_terms",
    believes_as_long_as_the_store_may: "test_fleet_d15_an_old_leader_that_hears_nothing",
    releases_before_the_work_has_ended: "test_stopped_work_is_waited_for",
    keeps_the_loss_to_itself: "test_d4_a_loss_that_the_work_swallows_is_in_the_outcome",
    forgets_the_value: "test_it_stays_as_long_as_the_term_and_no_longer",
    **TAKEOVERS,
    **ENDS,
}
"""For each the case that must fail, and no other's."""
