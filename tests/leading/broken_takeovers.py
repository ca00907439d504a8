"""Mistakes in taking over from an older version, one each, and the case that has to notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordination.recipes.leading.takeover import Takeover
from coordination.recipes.leading.taking import Taking
from coordination.recipes.leading.tenure import Tenure

Patch = pytest.MonkeyPatch


def takes_over_at_once(patch: Patch) -> None:
    """The record is ours, so nobody else can be at work."""

    async def waits(_self: Takeover, _tenure: Tenure) -> bool:
        return True

    patch.setattr(Takeover, "_wait_out", waits)


def waits_for_what_was_left(patch: Patch) -> None:
    """As fleet does: but the victim's last renewal may have been after the look."""
    made = Takeover.__init__

    def make(self: Any, campaign: Any, seen: Any, value: Any) -> None:
        made(self, campaign, seen, value)
        self._wait = seen.time_left

    patch.setattr(Takeover, "__init__", make)


def waits_for_the_last_thief_alone(patch: Patch) -> None:
    """Who was still waiting himself counts as any victim, with the ttl that he asked for."""
    made = Takeover.__init__

    def make(self: Any, campaign: Any, seen: Any, value: Any) -> None:
        made(self, campaign, seen, value)
        if not self._may_acknowledge:
            self._wait /= 2.2

    patch.setattr(Takeover, "__init__", make)


def waits_from_the_request_on(patch: Patch) -> None:
    """The clock is read before the steal, which may take its time."""
    steals = Taking.steal

    def steal(self: Any, seen: Any, period: float, metadata: Any, wait: float, timeout: float) -> Any:
        asked_at = self._keeper.clock.now()
        tenure = steals(self, seen, period, metadata, wait, timeout)
        if tenure is not None and wait:
            tenure.acts_at = asked_at + wait
        return tenure

    patch.setattr(Taking, "steal", steal)


TAKEOVERS: dict[Callable[[Patch], None], str] = {
    takes_over_at_once: "test_held_never_lies_after_a_theft",
    waits_for_what_was_left: "test_a_takeover_waits_out_the_victims_whole_period",
    waits_for_the_last_thief_alone: "test_a_chain_of_takeovers",
    waits_from_the_request_on: "test_the_wait_begins_with_the_answer",
}
