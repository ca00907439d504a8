"""Taking turns within a process, at the moments that a race has to hit."""

from __future__ import annotations

import pytest

from coordination.errors import ActionAlreadyRequested, NothingScheduled
from coordination.recipes.scheduler import Requesting, Scheduling
from coordination.testing import FakeClock
from tests.sharing.stepping import Stepping, Task, suspend


async def at_once() -> str:
    """An action."""
    return "done"


async def slow() -> str:
    """An action that takes a moment."""
    await suspend()
    return "done"


async def failing() -> str:
    """An action that fails."""
    raise ValueError("failed")


@pytest.fixture
def runtime() -> Stepping:
    """Suspends at every wait."""
    return Stepping(FakeClock())


def test_breaker_1_the_turn_is_given_once(runtime: Stepping) -> None:
    """A `done` that waited ended the schedule before its caller had looked: two were scheduled at once."""
    recipe = Scheduling()
    first = Task(recipe.schedule(runtime, slow))
    ends = Task(recipe.done(runtime, at_once))
    runtime.bells[-1].on_set = ends.go  # It goes on at the very moment in which it is woken.
    others = [Task(recipe.schedule(runtime, at_once)) for _ in range(2)]
    assert first.to_the_end() == "done"
    assert ends.result == "done"
    for task in others * 3:
        task.go()
    assert [task.done for task in others] == [True, False]


def test_an_end_that_fails_leaves_it_scheduled(runtime: Stepping) -> None:
    """Nobody else goes on, and the next end may succeed."""
    recipe = Scheduling()
    assert Task(recipe.schedule(runtime, at_once)).to_the_end() == "done"
    waiting = Task(recipe.schedule(runtime, at_once))
    with pytest.raises(ValueError, match="failed"):
        Task(recipe.done(runtime, failing)).to_the_end()
    assert not waiting.go(3)
    assert Task(recipe.done(runtime, at_once)).to_the_end() == "done"
    assert waiting.to_the_end() == "done"


def test_cancelled_while_it_waits_its_turn(runtime: Stepping) -> None:
    """The one behind goes on as if it had not been there."""
    recipe = Scheduling()
    Task(recipe.schedule(runtime, at_once)).to_the_end()
    first, second = Task(recipe.schedule(runtime, at_once)), Task(recipe.schedule(runtime, at_once))
    assert first.cancel()
    Task(recipe.done(runtime, at_once)).to_the_end()
    assert second.to_the_end() == "done"


def test_cancelled_while_it_acts(runtime: Stepping) -> None:
    """Nothing is scheduled by an action that did not end."""
    recipe = Scheduling()
    first, second = Task(recipe.schedule(runtime, slow)), Task(recipe.schedule(runtime, at_once))
    assert first.cancel()
    assert second.to_the_end() == "done"
    assert Task(recipe.done(runtime, at_once)).to_the_end() == "done"
    with pytest.raises(NothingScheduled):
        Task(recipe.done(runtime, at_once)).to_the_end()


def test_cancelled_with_the_turn_and_before_the_action(runtime: Stepping) -> None:
    """It had its turn, and an end was at work: the turn goes on to the next one."""
    recipe = Scheduling()
    Task(recipe.schedule(runtime, at_once)).to_the_end()
    waiting = Task(recipe.schedule(runtime, at_once))
    last = Task(recipe.schedule(runtime, at_once))
    Task(recipe.done(runtime, at_once)).to_the_end()
    ends = Task(recipe.done(runtime, slow)) if waiting.done else None
    assert ends is None
    hindering = Task(recipe._acting.take(runtime))
    assert hindering.to_the_end()
    assert not waiting.go()
    assert waiting.cancel()
    recipe._acting.give()
    assert last.to_the_end() == "done"


def test_once_is_once_also_while_it_runs(runtime: Stepping) -> None:
    """And after it was cancelled: nobody knows what it has done."""
    recipe = Requesting()
    first = Task(recipe.do(slow))
    for _ in range(2):
        with pytest.raises(ActionAlreadyRequested):
            Task(recipe.do(at_once)).to_the_end()
        first.cancel()
