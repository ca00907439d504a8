"""Acquiring that fails, is doubted, or is cancelled halfway (D11): nothing of it stays behind."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial

import pytest

from coordination.contention import Queues
from coordination.errors import StoreUnavailable
from coordination.hold import Hold
from coordination.testing.faulty import FaultyStore
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.calls import Call
from coordination.testing.recipes.harness import PATIENCE, REAL, RecipeHarness


class DoubtCases(Recipes):
    """dlock leaves a session behind that is kept alive until its process ends."""

    def test_d11_an_acquire_that_fails_leaves_nothing_behind(self, harness: RecipeHarness) -> None:
        """D11: whichever step is refused, it says so, and no record is there; then it works again."""
        store = harness.faulty()
        lock = harness.lock(harness.manager("m1", store))
        for call in ("open_session", harness.entering(store)):
            store.refuse(call, times=2)
            with pytest.raises(StoreUnavailable):
                lock.acquire(timeout=0)
            with pytest.raises(StoreUnavailable):
                lock.try_acquire()
            assert harness.locks() == []
            harness.warm(lock)

    def test_d11_a_lost_answer_leaves_no_second_record(self, harness: RecipeHarness) -> None:
        """D11: written, and nobody knows: the caller gets it, and what was written in doubt goes away."""
        store = harness.faulty()
        lock = harness.lock(harness.manager("m1", store))
        harness.warm(lock)
        store.lose_answer(harness.entering(store))
        hold: Hold = harness.answer(harness.begin(lock, "acquire"))
        harness.queued(1)
        assert (hold.held, harness.queue()[0].created) == (True, hold.token)
        assert hold.release() is True

    def test_d11_cancelled_while_the_request_is_under_way(self, harness: RecipeHarness) -> None:
        """D11: what it still brings about is undone, though nobody waits for the answer any more."""
        store = harness.faulty()
        lock = harness.lock(harness.manager("m1", store))
        harness.warm(lock)
        known = threading.Event()
        under_way: list[Call] = []

        def cancels() -> None:
            assert known.wait(PATIENCE)
            under_way[0].interrupt()

        store.after(harness.entering(store), cancels)
        under_way.append(harness.begin(lock, "acquire"))
        known.set()
        assert under_way[0].ended() is not None
        harness.nothing_left()
        assert harness.acquired(harness.manager("m2")).release() is True

    def test_any_request_may_be_refused(self, harness: RecipeHarness) -> None:
        """Whichever it is: who waits has its turn after the holder, and nothing is left in the end."""
        for call in _calls(harness):
            _pair(harness, partial(FaultyStore.refuse, call=call, times=2), call)

    def test_any_answer_may_be_lost(self, harness: RecipeHarness) -> None:
        """The same for requests that were applied, though nobody knows."""
        for call in _calls(harness):
            _pair(harness, partial(FaultyStore.lose_answer, call=call), call)

    def test_a_waiter_cut_off_for_a_while_keeps_its_place(self, harness: RecipeHarness) -> None:
        """It is in its old place when the store answers again, before those who came after it."""
        store = harness.faulty()
        one, two = harness.manager("m1"), harness.manager("m2", store)
        hold = harness.acquired(one)
        waiter, after = harness.waiting(harness.lock(two)), harness.waiting(harness.lock(one))
        queue = harness.queue()
        store.cut()
        assert hold.release() is True
        harness.let_pass(harness.period / 4)
        assert not waiter.done
        store.mend()
        following: Hold = harness.answer(waiter)
        assert not after.done
        assert following.token == queue[1].created
        assert following.release() is True
        assert harness.answer(after).release() is True

    def test_a_waiter_cut_off_beyond_its_ttl_begins_anew(self, harness: RecipeHarness) -> None:
        """Its record is gone meanwhile, and others pass; when the store answers again it queues up again."""
        store = harness.faulty()
        one, two = harness.manager("m1"), harness.manager("m2", store)
        hold = harness.acquired(one)
        waiter = harness.begin(harness.lock(two, ttl=harness.period), "acquire")
        harness.queued(2)
        store.cut()
        for _ in range(10):
            harness.let_pass(harness.period / 10)
        harness.queued(1)
        assert not waiter.done
        store.mend()
        harness.queued(2)
        assert hold.release() is True
        following: Hold = harness.answer(waiter)
        assert following.token > hold.token
        assert following.release() is True
        harness.nothing_left()

    def test_cancellations_at_random_leave_nothing(self, harness: RecipeHarness) -> None:
        """Forty who are cancelled at any point, or have won by then; afterwards no record, and it is free."""
        managers = harness.three()
        for manager in managers:
            harness.warm(harness.lock(manager))
        calls = [harness.begin(harness.lock(managers[number % 3]), "acquire") for number in range(40)]
        random.shuffle(calls)
        for call in calls:
            REAL.sleep(random.uniform(0.0, 0.004))  # noqa: S311 - a moment, not a secret
            call.interrupt()
            if call.done and call.ended() is None:
                assert call.answer().release() is True
        for call in calls:
            if call.ended() is None:
                call.answer().release()
        harness.nothing_left()
        assert len(harness.sessions()) == 3
        assert harness.acquired(managers[0]).release() is True


def _calls(harness: RecipeHarness) -> list[str]:
    """The requests of a pair of acquire and release, of those who wait, and of beats."""
    queueing = ["enter", "standing"] if isinstance(harness.store(), Queues) else ["list"]
    return ["open_session", "create", *queueing, "watch", "departures", "read", "delete"]


def _pair(harness: RecipeHarness, plan: Callable[[FaultyStore], None], call: str) -> None:
    """Who is to meet a fault waits for another, and has it; the fault may also meet its release."""
    store, name = harness.faulty(), f"name of {call}"
    plan(store)
    one, two = harness.manager("m1"), harness.manager("m2", store)
    hold = harness.acquired(one, name)
    waiter = harness.begin(harness.lock(two, name), "acquire")
    harness.queued(2, name)
    assert hold.release() is True
    following: Hold = harness.answer(waiter)
    harness.queued(1, name)
    assert (following.held, following.token > hold.token) == (True, True)
    assert harness.lock(one, name).try_acquire() is None
    assert harness.answer(harness.begin(following, "release")) is True
    harness.nothing_left()
    harness.eventually(lambda: following.released is not None, "it says when it was released")
    one.close()
    two.close()
