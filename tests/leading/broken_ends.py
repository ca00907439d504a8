"""Mistakes in how a term ends, one each, and the case that has to notice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from coordination import waiting
from coordination.errors import LeaseLost, PermissionDenied, StoreUnavailable
from coordination.recipes.leading import campaign as campaigns
from coordination.recipes.leading import handover
from coordination.recipes.leading.acknowledging import acknowledge
from coordination.recipes.leading.ending import end
from coordination.recipes.leading.tenure import Tenure
from coordination.record import Session
from coordination.runtime import run

Patch = pytest.MonkeyPatch


def tells_nobody(patch: Patch) -> None:
    """Whoever works finds out at his next write."""
    patch.setattr(Tenure, "_tell_all", lambda _self: None)


def acknowledges_at_once(patch: Patch) -> None:
    """The theft was noticed, so there is nothing to wait for; but the work goes on."""
    loses = Tenure.lose

    def lose(self: Tenure, reason: str) -> None:
        loses(self, reason)
        early = threading.Thread(target=lambda: run(acknowledge(self.keeper.runtime, self)), daemon=True)
        early.start()

    patch.setattr(Tenure, "lose", lose)


def frees_what_it_gave_up(patch: Patch) -> None:
    """What nobody wants is released at once, also while the victim may still act."""
    retires = Tenure.retire

    def retire(self: Tenure) -> None:
        self.acts_at = None
        retires(self)

    patch.setattr(Tenure, "retire", retire)


def hands_over_by_releasing(patch: Patch) -> None:
    """The one named will surely be the first to come."""

    async def hand_over(runtime: Any, tenure: Tenure, _heir: Any) -> bool:
        return await end(runtime, tenure)

    patch.setattr(handover, "hand_over", hand_over)


def takes_up_no_succession(patch: Patch) -> None:
    """The one named waits like everybody else."""

    async def never(*_: Any) -> None:
        return None

    patch.setattr(campaigns.Campaign, "_succeeded", never)


def proclaims_whoever_leads(patch: Patch) -> None:
    """Writes the value into whatever record is there."""
    writes = Tenure.write

    def write(self: Tenure, key: str, text: str | None, period: float | None, timeout: float) -> None:
        try:
            writes(self, key, text, period, timeout)
        except LeaseLost:
            store = self.keeper.store
            there = store.read(self.candidate.key, timeout=timeout)
            if there is not None:
                session = Session(str(there.session), there.ttl or 1.0)
                store.replace(there.key, b"{}", session, there.index, timeout=timeout)
            raise

    patch.setattr(Tenure, "write", write)


def tries_again_whatever_it_was(patch: Patch) -> None:
    """Takes every refusal for an outage."""

    async def patiently(runtime: Any, bound: Any, step: Callable[[], Any]) -> Any:
        def forgiving() -> Any:
            try:
                return step()
            except PermissionDenied as error:
                raise StoreUnavailable(str(error)) from error

        return await waiting.patiently(runtime, bound, forgiving)

    patch.setattr("coordination.recipes.leading.patience.patiently", patiently)


def reconciles_what_it_knew(patch: Patch) -> None:
    """Forgets what happened during a round."""
    from coordination import reconciler

    async def reconciling(runtime: Any, happened: Any, over: Any, act: Any, interval: float) -> None:
        while not over():
            await act()
            if not over():
                happened.clear()
            await runtime.wait(happened, interval)

    patch.setattr(reconciler, "reconciling", reconciling)


ENDS: dict[Callable[[Patch], None], str] = {
    tells_nobody: "test_d1_the_loss_is_a_renew_error_around_it",
    acknowledges_at_once: "test_only_work_that_has_stopped_is_acknowledged",
    frees_what_it_gave_up: "test_a_takeover_given_up_frees_nothing_early",
    hands_over_by_releasing: "test_everybody_else_stays_away_meanwhile",
    takes_up_no_succession: "test_a_transfer_that_is_taken",
    proclaims_whoever_leads: "test_a_proclamation_after_a_theft_changes_nothing",
    tries_again_whatever_it_was: "test_d10_a_refusal_is_not_retried",
    reconciles_what_it_knew: "test_an_event_during_a_round_is_not_lost",
}
