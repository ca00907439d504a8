"""How candidates try: D9, D10, who is eligible, and what can never work."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import pytest

from coordination.errors import AcquireTimeout, CallbackError, ConfigurationError, PermissionDenied
from coordination.testing.leading.base import Leading
from coordination.testing.leading.harness import NAME, REAL, LeaderHarness
from coordination.testing.leading.work import WorkError

LOOKS, MANY = 6, 40
"""So many pauses are looked at, and until one is short: a busy machine makes them longer, never shorter."""


class PaceCases(Leading):
    """Between a campaign and a term."""

    def test_d9_between_two_looks_is_retry_and_its_jitter(self, harness: LeaderHarness) -> None:
        """D9: where nothing happens a candidate looks again after `retry`, a random `jitter` more or less.

        The original limits a jitter above the retry silently; here that is refused (below).
        """
        store = harness.tally()
        retry = harness.period / 5 if harness.exact else 0.5
        leader = harness.leader(harness.manager("m2", store), retry=retry, jitter=retry / 2)
        harness.planted(period=harness.long)
        store.key = harness.key()
        call = harness.begin(leader, "campaign")
        give_up = REAL.now() + harness.patience
        while len(gaps := _gaps(store.asked)) < LOOKS or gaps[0] >= 0.95 * retry:
            assert len(gaps) < MANY, f"no jitter, never sooner than {retry}: {gaps}"
            assert REAL.now() < give_up, f"looked at {store.asked}"
            assert not call.done
            harness.let_pass(retry / 25)
            harness.settle()
        assert gaps[0] >= 0.45 * retry, gaps
        assert gaps[len(gaps) // 2] <= 1.5 * retry + 0.1 * harness.period, f"busy machines aside: {gaps}"

    def test_d10_a_refusal_is_not_retried(self, harness: LeaderHarness) -> None:
        """D10: what the store will never allow is raised at once, by campaign and run, as what it is."""
        store = harness.tally()
        leader = harness.leader(harness.manager("m1", store))

        def refuses() -> None:
            raise PermissionDenied("not for you")

        for verb in ("campaign", "run"):
            store.before("create", refuses)
            creates = store.calls.count("create")
            work = harness.work()
            call = (
                harness.run(leader, work).call if verb == "run" else harness.begin(leader, verb, harness.long)
            )
            with pytest.raises(PermissionDenied):
                harness.answer(call)
            assert store.calls.count("create") == creates + 1
            assert not work.begun
        harness.nothing_open(store)

    def test_who_is_not_eligible_does_not_compete(self, harness: LeaderHarness) -> None:
        """It waits, and takes nothing, until its own check says so; the others are not held up."""
        store, healthy = harness.tally(), False
        leader = harness.leader(
            harness.manager("m1", store), retry=0.2, jitter=0.1, eligible=lambda: bool(healthy)
        )
        with pytest.raises(AcquireTimeout):
            harness.answer(harness.begin(leader, "campaign", 0))
        call = harness.campaigning(leader)
        assert (harness.seat(), store.opened) == (None, [])
        other = harness.leader(harness.manager("m2"))
        assert harness.leading(other).held
        assert other.resign() is True
        harness.considered(call)
        healthy = True
        assert harness.answer(call).machine_id == "m1"

    def test_a_check_that_fails_is_told(self, harness: LeaderHarness) -> None:
        """A CallbackError around what it raised; nothing is taken."""
        own = WorkError("of the check")

        def fails() -> bool:
            raise own

        leader = harness.leader(harness.manager(), eligible=fails)
        with pytest.raises(CallbackError) as raised:
            harness.answer(harness.begin(leader, "campaign"))
        assert raised.value.__cause__ is own
        assert harness.seat() is None

    def test_what_can_never_work_is_refused(self, harness: LeaderHarness) -> None:
        """Before anything is asked of the store; the times are judged together."""
        store = harness.faulty()
        manager = harness.manager("m1", store)
        never: list[dict[str, Any]] = [
            {"ttl": 0},
            {"ttl": True},
            {"ttl": math.nan},
            {"ttl": "10"},
            {"ttl": 10, "renew": 6},
            {"ttl": 10, "renew": 0},
            {"ttl": 10, "renew": True},
            {"ttl": 10, "retry": 0},
            {"ttl": 10, "retry": -1},
            {"ttl": 10, "retry": 1, "jitter": 2},
            {"ttl": 10, "retry": 1, "jitter": -0.1},
            {"ttl": 10, "jitter": True},
            {"version": -1},
            {"version": 1.5},
            {"version": True},
            {"machine_id": ""},
            {"machine_id": 7},
            {"eligible": "yes"},
            {"name": ""},
            {"name": "x" * 256},
            {"name": None},
        ]
        for options in never:
            name = options.pop("name", NAME)
            with pytest.raises(ConfigurationError):
                manager.leader(name, **options)
        leader = manager.leader(NAME, ttl=10, renew=5, retry=1, jitter=1)
        times: list[Any] = [-1, True, "1", math.inf]
        for timeout in times:
            with pytest.raises(ConfigurationError):
                leader.campaign(timeout)
        assert store.calls == []


def _gaps(asked: Sequence[float]) -> list[float]:
    """Between the looks, the shortest first. The first ones are before it has begun to wait."""
    return sorted(after - before for before, after in itertools.pairwise(asked[2:]))
