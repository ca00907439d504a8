"""Callers who give up, by a timeout or by being cancelled: dlock's C4, C10, D6, D7, D10."""

from __future__ import annotations

import threading

import pytest

from coordination.errors import AcquireTimeout, NothingScheduled
from coordination.hold import Hold
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import PATIENCE, REAL, RecipeHarness

SHORT = 2.0
"""Seconds that a waiter waits whose timeout is to pass, long enough for a busy machine to see him wait."""


class CancelCases(Recipes):
    """Nobody else notices."""

    def test_c4_blocking_locks_should_be_cancellable(self, harness: RecipeHarness) -> None:
        """C4: the waiter's call ends, and the holder is unaffected.

        On asyncio by cancelling the task, else as a KeyboardInterrupt would.
        """
        manager = harness.manager()
        hold = harness.acquired(manager)
        harness.waiting(harness.lock(manager)).cancel()
        harness.queued(1)
        assert hold.held
        assert hold.release() is True

    def test_c10_cancellable_across_connections(self, harness: RecipeHarness) -> None:
        """C10: two waiters of two other connections are cancelled."""
        one, two, three = harness.three()
        hold = harness.acquired(one)
        waiters = [harness.waiting(harness.lock(manager)) for manager in (two, three)]
        for waiter in waiters:
            waiter.cancel()
        harness.queued(1)
        assert hold.release() is True

    def test_a_timeout_ends_the_waiting(self, harness: RecipeHarness) -> None:
        """`AcquireTimeout`, not before its time; 0 is one try; the lock is as it was."""
        one, two = harness.managers()
        hold = harness.acquired(one)
        with pytest.raises(AcquireTimeout):
            harness.lock(two).acquire(timeout=0)
        begun = harness.clock.now()
        waiter = harness.waiting(harness.lock(two), SHORT)
        harness.let_pass(SHORT - 0.1)
        with pytest.raises(AcquireTimeout):
            harness.answer(waiter)
        assert harness.clock.now() - begun >= SHORT - 0.01
        harness.queued(1)
        assert hold.held

    def test_d6_a_waiter_queued_on_the_same_object_is_cancelled(self, harness: RecipeHarness) -> None:
        """D6: it is queued locally as well, which dlock's contexts do not end."""
        lock = harness.lock(harness.manager())
        hold = lock.acquire()
        first, second = harness.waiting(lock), harness.waiting(lock)
        first.cancel()
        second.cancel()
        assert hold.release() is True
        harness.nothing_left()

    def test_d7_a_cancelled_local_waiter_does_not_strand_the_next(self, harness: RecipeHarness) -> None:
        """D7: dlock's lost wake-up. The one in the middle leaves, before or after its turn has come."""
        lock = harness.lock(harness.manager())
        hold = lock.acquire()
        leaves, stays = harness.waiting(lock), harness.waiting(lock)
        leaves.cancel()
        assert hold.release() is True
        second = stays.answer()
        leaves, stays = harness.waiting(lock), harness.waiting(lock)
        assert second.release() is True
        leaves.interrupt()  # Just as its turn comes: it has it or not, and the next one gets it.
        if leaves.ended() is None:
            assert leaves.answer().release() is True
        assert stays.answer().release() is True

    def test_d7_cancelled_while_another_enters(self, harness: RecipeHarness) -> None:
        """D7: one leaves of those who wait until another has entered the queue: the next one enters."""
        store = harness.faulty()
        lock = harness.lock(harness.manager("m1", store))
        harness.warm(lock)
        hold = harness.acquired(harness.manager("m2"))
        entering, go_on = harness.entering(store), threading.Event()
        before = store.calls.count(entering)
        store.before(entering, lambda: go_on.wait(PATIENCE))
        first = harness.begin(lock, "acquire")
        harness.eventually(lambda: store.calls.count(entering) > before, "it is entering")
        leaves, last = (harness.begin(lock, "acquire") for _ in range(2))
        REAL.sleep(0.05)  # Until they wait, most likely.
        leaves.cancel()
        go_on.set()
        harness.queued(3)
        assert hold.release() is True
        assert first.answer().release() is True
        assert last.answer().release() is True
        harness.nothing_left()

    def test_who_is_cancelled_in_the_middle_leaves_the_order(self, harness: RecipeHarness) -> None:
        """Of four on three connections the third is cancelled: the others have it in their order."""
        self._leaves_from_the_middle(harness, None)

    def test_who_times_out_in_the_middle_leaves_the_order(self, harness: RecipeHarness) -> None:
        """The same for one whose timeout passes."""
        self._leaves_from_the_middle(harness, SHORT)

    def _leaves_from_the_middle(self, harness: RecipeHarness, timeout: float | None) -> None:
        one, two, three = harness.three()
        hold = harness.acquired(one)
        second = harness.waiting(harness.lock(two))
        leaves = harness.waiting(harness.lock(three), timeout)
        last = harness.waiting(harness.lock(one))
        if timeout is None:
            leaves.cancel()
        else:
            harness.let_pass(SHORT)
            with pytest.raises(AcquireTimeout):
                harness.answer(leaves)
        left = harness.queued(3)
        hold.release()
        after: Hold = second.answer()
        assert not last.done
        after.release()
        at_last: Hold = last.answer()
        assert [hold.token, after.token, at_last.token] == [record.created for record in left]
        at_last.release()
        harness.nothing_left()

    def test_d10_unlock_while_another_is_mid_acquire_on_the_same_object(self, harness: RecipeHarness) -> None:
        """D10: the release does not wait for it, and the other one gets it by that; dlock's would hang."""
        lock = harness.lock(harness.manager())
        hold = lock.acquire()
        waiter = harness.waiting(lock)
        assert lock.release() is True
        second = waiter.answer()
        assert (hold.held, second.held) == (False, True)
        third = harness.waiting(harness.lock(harness.manager("m2")))
        assert lock.release() is True
        assert third.answer().release() is True

    def test_d10_unlock_of_what_is_only_waited_for(self, harness: RecipeHarness) -> None:
        """D10: nothing has been acquired through this object yet: that is said at once."""
        one, two = harness.managers()
        hold = harness.acquired(one)
        lock = harness.lock(two)
        waiter = harness.waiting(lock)
        with pytest.raises(NothingScheduled):
            lock.release()
        assert hold.release() is True
        assert waiter.answer().release() is True
