"""Giving back: never held up by the store, always done in the end (D9), also by closing."""

from __future__ import annotations

from contextlib import suppress

import pytest

from coordination.errors import ConfigurationError, LeaseLost, NothingScheduled, StoreUnavailable
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import NAME, REAL, RecipeHarness

PROMPT = 5.0
"""Real seconds within which a bounded release is back on a busy machine; its bound is a second at most."""


class ReleaseCases(Recipes):
    """What `release`, `released` and `close` promise."""

    def test_release_says_when_it_was_done(self, harness: RecipeHarness) -> None:
        """`released` is None while it is held, then the Unix time of the end, and it stays."""
        hold = harness.acquired(harness.manager())
        before, begin = hold.released, harness.clock.wall()
        assert hold.release() is True
        assert before is None
        assert begin <= (hold.released or 0.0) <= harness.clock.wall()
        assert (hold.held, hold.remaining, hold.lost, hold.wait()) == (False, 0.0, None, "released")
        with pytest.raises(LeaseLost) as loss:
            hold.check()
        assert loss.value.reason == "released"

    def test_release_without_waiting(self, harness: RecipeHarness) -> None:
        """With a timeout of 0 it is given back in the background; not held at once, and `released` soon."""
        one, two = harness.managers()
        hold = harness.acquired(one)
        waiter = harness.waiting(harness.lock(two))
        assert hold.release(timeout=0) is True
        assert not hold.held
        following = waiter.answer()
        assert (following.held, following.token > hold.token) == (True, True)
        harness.eventually(lambda: hold.released is not None, "it says when it was released")
        assert hold.release() is False
        assert following.release(timeout=0) is True
        harness.nothing_left()

    def test_d9_unlock_returns_promptly_with_the_store_down(self, harness: RecipeHarness) -> None:
        """D9: within the caller's bound; not held from then on, and given back once the store answers."""
        store = harness.faulty()
        one, two = harness.manager("m1", store), harness.manager("m2")
        hold = harness.acquired(one)
        store.cut()
        began = REAL.now()
        assert hold.release(timeout=0.5) is True
        assert REAL.now() - began < PROMPT
        assert (hold.held, hold.lost, hold.released) == (False, None, None)
        assert len(harness.queue()) == 1
        store.mend()
        harness.eventually(lambda: hold.released is not None, "it is released later")
        assert harness.acquired(two).token > hold.token

    def test_d9_unlock_with_the_store_down_for_good(self, harness: RecipeHarness) -> None:
        """D9: what cannot be given back ends with the session: others have it within the ttl."""
        store = harness.faulty()
        one, two = harness.manager("m1", store), harness.manager("m2")
        hold = harness.acquired(one, ttl=harness.period)
        store.cut()
        asked = begin = harness.clock.now()
        assert hold.release(timeout=0) is True
        taken = None
        while taken is None:
            assert asked <= begin + harness.period + harness.slack, "nobody takes over"
            harness.let_pass(harness.period / 20)
            asked = harness.clock.now()
            with suppress(StoreUnavailable):  # Its servers may be electing a leader.
                taken = harness.lock(two).try_acquire()
        assert taken.token > hold.token
        assert (hold.held, hold.wait(timeout=0)) == (False, "released")
        store.mend()

    def test_d9_a_lost_answer_to_the_unlock(self, harness: RecipeHarness) -> None:
        """Gone is gone: it is ours, though the delete's own answer got lost, and nobody else's is touched."""
        store = harness.faulty()
        one, two = harness.manager("m1", store), harness.manager("m2")
        lock = harness.lock(one)
        harness.warm(lock)
        hold = lock.acquire()
        waiter = harness.waiting(harness.lock(two))
        store.lose_answer("delete")
        assert hold.release() is True
        following = waiter.answer()
        harness.eventually(lambda: hold.released is not None, "it is released")
        assert (following.held, len(harness.queue())) == (True, 1)
        assert hold.lost is None
        assert following.release() is True

    def test_closing_gives_back_and_ends_the_waiting(self, harness: RecipeHarness) -> None:
        """Holds are lost as `closed` and their records gone; calls that wait fail; nothing can be begun."""
        one, two = harness.managers()
        hold, other = harness.acquired(one), harness.acquired(two, "other")
        waiter = harness.waiting(harness.lock(one, "other"))
        lock = harness.lock(one)
        one.close()
        assert (hold.held, hold.lost, hold.wait(timeout=0)) == (False, "closed", "closed")
        assert isinstance(waiter.ended(), ConfigurationError)
        assert harness.acquired(two).token > hold.token
        assert len(harness.queue("other")) == 1
        assert other.held
        with pytest.raises(ConfigurationError):
            lock.acquire(timeout=0)
        with pytest.raises(ConfigurationError):
            one.lock(NAME)

    def test_a_hold_ends_once(self, harness: RecipeHarness) -> None:
        """Released it cannot be lost any more; lost it cannot be released, also through the lock object."""
        one, two = harness.managers()
        lock = harness.lock(one)
        first = lock.acquire()
        told: list[str] = []
        first.on_lost(lambda _hold, reason: told.append(reason))
        assert lock.release() is True
        assert two.break_lock(NAME, first.token) is False
        second = lock.acquire()
        second.on_lost(lambda _hold, reason: told.append(reason))
        harness.break_held(two, second)
        with pytest.raises(LeaseLost, match="broken"):
            lock.release()
        with pytest.raises(NothingScheduled):
            lock.release()
        harness.eventually(lambda: told == ["broken"], "one loss is told")
        assert (first.lost, second.released) == (None, None)
