"""The fair mutex of recipes: first come, first served, whoever is cancelled."""

from __future__ import annotations

import pytest

from coordination.sharing.turns import Turns
from coordination.testing import FakeClock
from tests.sharing.stepping import Stepping, Task


@pytest.fixture
def runtime() -> Stepping:
    """Suspends at every wait."""
    return Stepping(FakeClock())


def test_turns_come_in_the_order_of_asking(runtime: Stepping) -> None:
    """Three wait, and each gives it to the next."""
    turns = Turns()
    assert turns.try_take()
    waiting = [Task(turns.take(runtime)) for _ in range(3)]
    for task in waiting:
        assert not any(it.go() for it in waiting if not it.done)
        turns.give()
        assert task.to_the_end() is True
    turns.give()
    assert turns.try_take()


def test_nobody_passes_those_who_wait(runtime: Stepping) -> None:
    """Handed over and not yet taken up is taken all the same."""
    turns = Turns()
    assert turns.try_take()
    first = Task(turns.take(runtime))
    turns.give()
    assert not turns.try_take()
    assert first.to_the_end() is True
    turns.give()
    assert turns.try_take()


def test_who_is_cancelled_while_waiting_is_passed_over(runtime: Stepping) -> None:
    """The one behind gets it at once."""
    turns = Turns()
    assert turns.try_take()
    first, second = Task(turns.take(runtime)), Task(turns.take(runtime))
    assert first.cancel()
    turns.give()
    assert second.to_the_end() is True


def test_who_is_cancelled_when_it_was_just_called_hands_on(runtime: Stepping) -> None:
    """The turn had come, and its owner never ran again: the next one is woken."""
    turns = Turns()
    assert turns.try_take()
    first, second = Task(turns.take(runtime)), Task(turns.take(runtime))
    turns.give()
    assert first.cancel()
    assert second.to_the_end() is True
    turns.give()
    assert turns.try_take()


def test_a_timeout_ends_the_waiting_and_strands_nobody(runtime: Stepping) -> None:
    """False after the time, and the next in the line is called as if it had not been there."""
    turns = Turns()
    assert turns.try_take()
    first, second = Task(turns.take(runtime, 2.0)), Task(turns.take(runtime))
    assert isinstance(runtime.clock, FakeClock)
    runtime.clock.advance(2.0)
    assert first.to_the_end() is False
    turns.give()
    assert second.to_the_end() is True


def test_called_at_the_moment_of_the_timeout_it_has_it(runtime: Stepping) -> None:
    """Whoever was called before it stopped waiting has the turn, whatever the clock says."""
    turns = Turns()
    assert turns.try_take()
    task = Task(turns.take(runtime, 2.0))
    runtime.bells[-1].on_set = runtime.bells[-1].clear  # The bell is heard too late.
    turns.give()
    assert isinstance(runtime.clock, FakeClock)
    runtime.clock.advance(2.0)
    assert task.to_the_end() is True


def test_only_its_owner_gives_back(runtime: Stepping) -> None:
    """`give_back` by anybody else changes nothing, and by the owner does it once."""
    turns, ours, theirs = Turns(), object(), object()
    assert turns.try_take(ours)
    turns.give_back(theirs)
    assert not turns.try_take()
    waiting = Task(turns.take(runtime, None, theirs))
    turns.give_back(ours)
    turns.give_back(ours)
    assert waiting.to_the_end() is True
    turns.give_back(ours)
    assert not turns.try_take()
    turns.give_back(theirs)
    assert turns.try_take()


def test_given_between_the_two_looks_it_is_taken(runtime: Stepping) -> None:
    """It became free after the first look and before we queued up: nobody would have woken us."""

    class Late(Turns):
        __slots__ = ("looks",)

        def try_take(self, owner: object = None) -> bool:
            self.looks = getattr(self, "looks", 0) + 1
            return self.looks > 1 and super().try_take(owner)

    assert Task(Late().take(runtime)).to_the_end() is True
