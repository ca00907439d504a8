"""The turn-taker and the once-only action: dlock's unit tests U1 to U4, and what its scheduler got wrong."""

from __future__ import annotations

import threading

import pytest

from coordination.errors import ActionAlreadyRequested, NothingScheduled
from coordination.testing.racing import race
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import REAL, RecipeHarness


class _FailedError(Exception):
    """What an action of these tests raises."""


def _fail() -> None:
    raise _FailedError("on purpose")


def _nothing() -> None:
    """Succeed."""


class SchedulingCases(Recipes):
    """`LockScheduler` and `Once`."""

    def test_u1_should_run_the_lock_primitive_once(self, harness: RecipeHarness) -> None:
        """U1: two calls of `do`, and the body ran once; what it answers is answered."""
        once = harness.face.once()
        ran: list[int] = []

        def body() -> int:
            ran.append(1)
            return 7

        assert once.do(body) == 7
        with pytest.raises(ActionAlreadyRequested):
            once.do(lambda: ran.append(2))
        assert ran == [1]

    def test_u2_should_return_an_error_if_the_encapsulated_function_returns_one(
        self, harness: RecipeHarness
    ) -> None:
        """U2: the error is the function's own, and the action counts as requested."""
        once = harness.face.once()
        with pytest.raises(_FailedError, match="on purpose"):
            once.do(_fail)
        with pytest.raises(ActionAlreadyRequested):
            once.do(_nothing)

    def test_u3_should_err_if_a_lock_primitive_is_run_twice(self, harness: RecipeHarness) -> None:
        """U3: of many who ask at once one runs it, and all others are refused; none of them is told yes."""
        once = harness.face.once()
        ran: list[int] = []

        def body() -> None:
            REAL.sleep(0.02)
            ran.append(1)

        def do() -> bool:
            try:
                once.do(body)
            except ActionAlreadyRequested:
                return False
            return True

        assert sorted(race([do] * 8)) == [False] * 7 + [True]
        assert ran == [1]

    def test_u4_scheduler_should_act_as_pseudo_mutex(self, harness: RecipeHarness) -> None:
        """U4: a hundred pairs of schedule and done at once, and an unsynchronised counter ends at 100."""
        scheduler, counter = harness.face.scheduler(), [0]

        def pair() -> None:
            scheduler.schedule(_nothing)
            seen = counter[0]
            REAL.sleep(0.0005)
            counter[0] = seen + 1
            scheduler.done(_nothing)

        race([pair] * 100)
        assert counter == [100]

    def test_done_without_schedule_is_nothing_scheduled(self, harness: RecipeHarness) -> None:
        """Also the second time; the function is not run."""
        scheduler = harness.face.scheduler()
        ran: list[int] = []
        with pytest.raises(NothingScheduled, match="nothing scheduled"):
            scheduler.done(lambda: ran.append(1))
        scheduler.schedule(_nothing)
        scheduler.done(_nothing)
        with pytest.raises(NothingScheduled):
            scheduler.done(lambda: ran.append(2))
        assert ran == []

    def test_what_fails_changes_nothing(self, harness: RecipeHarness) -> None:
        """Nothing is scheduled by a failure, and a failed `done` leaves it scheduled."""
        scheduler = harness.face.scheduler()
        with pytest.raises(_FailedError):
            scheduler.schedule(_fail)
        assert scheduler.schedule(lambda: 7) == 7
        with pytest.raises(_FailedError):
            scheduler.done(_fail)
        assert scheduler.done(lambda: 8) == 8

    def test_a_waiter_that_fails_strands_nobody(self, harness: RecipeHarness) -> None:
        """dlock's lost wake-up: the one who is woken fails, and the next one goes on all the same."""
        scheduler = harness.face.scheduler()
        scheduler.schedule(_nothing)
        begun = threading.Barrier(3, timeout=30.0)

        def waits(fails: bool) -> bool:
            begun.wait()
            REAL.sleep(0.0 if fails else 0.05)  # Most likely the failing one is woken first.
            try:
                scheduler.schedule(_fail if fails else _nothing)
            except _FailedError:
                return False
            scheduler.done(_nothing)
            return True

        def ends() -> bool:
            begun.wait()
            REAL.sleep(0.15)
            scheduler.done(_nothing)
            return True

        assert race([lambda: waits(True), lambda: waits(False), ends]) == [False, True, True]

    def test_done_while_another_waits_for_its_turn(self, harness: RecipeHarness) -> None:
        """Whoever waits does not hold up `done`, which dlock's would while a remote call is under way."""
        scheduler = harness.face.scheduler()
        scheduler.schedule(_nothing)
        order: list[str] = []
        waiter = threading.Thread(target=lambda: scheduler.schedule(lambda: order.append("next")))
        waiter.start()
        REAL.sleep(0.05)
        scheduler.done(lambda: order.append("done"))
        waiter.join(30.0)
        assert order == ["done", "next"]
