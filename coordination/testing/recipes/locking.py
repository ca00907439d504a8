"""Locks one after another: dlock's C1 to C3, C6, C7, C9, C11, C12, and how a lock is used in a program."""

from __future__ import annotations

import pytest

from coordination.errors import LeaseLost, NothingScheduled
from coordination.hold import Hold
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import NAME, REAL, RecipeHarness

QUICK = 2.0
"""Real seconds within which a try comes back on a busy machine; it takes milliseconds."""


class LockCases(Recipes):
    """What one caller at a time sees."""

    def test_c1_lock_and_unlock_locks_of_the_same_type(self, harness: RecipeHarness) -> None:
        """C1: acquired, released, everybody told; then another lock object of the name likewise.

        Where dlock has a channel that one receiver can read once, `wait()` answers every caller, and
        says which of the two it was.
        """
        manager = harness.manager()
        for _ in range(2):
            lock = harness.lock(manager)
            hold = lock.acquire()
            assert (hold.held, hold.lost, hold.released) == (True, None, None)
            telling = harness.begin(hold, "wait")
            assert lock.release() is True
            assert telling.answer() == "released"
            assert (hold.held, hold.lost) == (False, None)
            harness.eventually(lambda it=hold: it.released is not None, "it says when")  # type: ignore[misc]
        harness.nothing_left()

    def test_c2_try_lock_should_fail_quickly_if_held(self, harness: RecipeHarness) -> None:
        """C2: another object of the same manager is answered None, without waiting for its turn."""
        manager = harness.manager()
        hold = harness.acquired(manager)
        began = REAL.now()
        assert harness.lock(manager).try_acquire() is None
        assert REAL.now() - began < QUICK
        assert (hold.held, len(harness.queue())) == (True, 1)

    def test_c3_different_keys_should_not_conflict(self, harness: RecipeHarness) -> None:
        """C3: both are held at once, and both are told of their ends."""
        manager = harness.manager()
        first, second = (harness.acquired(manager, name) for name in ("one", "other"))
        assert (first.held, second.held) == (True, True)
        telling = [harness.begin(hold, "wait") for hold in (first, second)]
        assert first.release()
        assert second.held
        assert second.release()
        assert [it.answer() for it in telling] == ["released"] * 2

    def test_c6_safe_to_reuse_a_lock(self, harness: RecipeHarness) -> None:
        """C6: the same object, again and again, under a new token each time."""
        lock = harness.lock(harness.manager())
        tokens = []
        for _ in range(3):
            tokens.append(lock.acquire().token)
            assert lock.release()
        assert tokens == sorted(set(tokens))

    def test_c7_safe_to_discard_the_expired_channel(self, harness: RecipeHarness) -> None:
        """C7: nobody waits for the end of any hold, nor keeps one, and nothing hangs."""
        lock = harness.lock(harness.manager())
        for _ in range(5):
            lock.acquire()
            assert lock.release()
        assert got_once(lock.try_acquire())

    def test_c9_lock_and_unlock_in_turn(self, harness: RecipeHarness) -> None:
        """C9: three connections, one after another; the token rises from one to the next."""
        tokens = []
        for manager in harness.three():
            lock = harness.lock(manager)
            hold = lock.acquire()
            telling = harness.begin(hold, "wait")
            tokens.append(hold.token)
            assert lock.release()
            assert telling.answer() == "released"
        assert tokens == sorted(set(tokens))

    def test_c11_try_lock_fails_quickly_across_connections(self, harness: RecipeHarness) -> None:
        """C11: both others are answered None, no error; free again, they get it."""
        one, *others = harness.three()
        hold = harness.acquired(one)
        for manager in others:
            began = REAL.now()
            assert harness.lock(manager).try_acquire() is None
            assert REAL.now() - began < QUICK
        assert hold.release()
        for manager in others:
            assert got_once(harness.lock(manager).try_acquire())

    def test_c12_unlock_a_never_acquired_lock(self, harness: RecipeHarness) -> None:
        """C12: an error that says so; whoever else holds the name keeps it."""
        one, two = harness.managers()
        lock = harness.lock(one)
        with pytest.raises(NothingScheduled):
            lock.release()
        hold = harness.acquired(two)
        with pytest.raises(NothingScheduled):
            lock.release()
        assert hold.release() is True

    def test_d5_try_lock_on_the_same_held_object(self, harness: RecipeHarness) -> None:
        """D5: None, promptly: dlock blocks there until the unlock, whatever the caller's deadline."""
        lock = harness.lock(harness.manager())
        hold = lock.acquire()
        began = REAL.now()
        assert lock.try_acquire() is None
        assert REAL.now() - began < QUICK
        assert hold.held
        assert lock.release() is True

    def test_d8_unlock_twice(self, harness: RecipeHarness) -> None:
        """D8: the second `Lock.release()` raises `NothingScheduled`, as dlock's; a hold's answers False."""
        lock = harness.lock(harness.manager())
        hold = lock.acquire()
        assert lock.release() is True
        with pytest.raises(NothingScheduled):
            lock.release()
        assert hold.release() is False
        again = lock.acquire()
        assert hold.release() is False
        assert again.held

    def test_d17_a_wrong_holder_cannot_unlock(self, harness: RecipeHarness) -> None:
        """D17: dlock lets any object unlock; here a hold that was lost leaves its successor alone."""
        one, two = harness.managers()
        lost = harness.acquired(one)
        harness.break_held(two, lost)
        hold = harness.acquired(two)
        with pytest.raises(LeaseLost) as loss:
            lost.release()
        assert (loss.value.reason, hold.held) == ("broken", True)
        assert [it.token for it in one.holders(NAME)] == [hold.token]


def got_once(hold: Hold | None) -> bool:
    """It was free; give it back."""
    assert hold is not None, "a free lock was not acquired"
    assert hold.held
    return hold.release()
