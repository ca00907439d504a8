"""What the callbacks of `on_lost` may do, and writing under a hold: nothing of it hurts another hold."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from coordination.errors import ConfigurationError, LeaseLost
from coordination.hold import Hold
from coordination.manager import Manager
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import NAME, PATIENCE, RecipeHarness


class TellCases(Recipes):
    """Callbacks run where they can hold up nothing: they may release, acquire, close, raise, sleep."""

    def test_a_callback_releases(self, harness: RecipeHarness) -> None:
        """The hold itself is lost already, which it says; another one is released."""
        manager = harness.manager()
        second = harness.acquired(manager, "second")

        def release(hold: Hold) -> bool:
            with pytest.raises(LeaseLost, match="broken"):
                hold.release()
            return second.release()

        assert self._answered(harness, manager, release) is True
        assert second.wait() == "released"

    def test_a_callback_acquires(self, harness: RecipeHarness) -> None:
        """The same name, again, and it gets it."""
        manager = harness.manager()
        lock = harness.lock(manager)
        again = self._answered(harness, manager, lambda _hold: lock.acquire(PATIENCE))
        assert again.held
        assert again.release() is True

    def test_a_callback_closes(self, harness: RecipeHarness) -> None:
        """The manager it belongs to; what that holds is given back, and the call ends."""
        manager = harness.manager()
        hold = harness.acquired(manager, "second")
        self._answered(harness, manager, lambda _hold: manager.close(), lasting=False)
        assert hold.lost == "closed"
        assert harness.acquired(harness.manager("m3"), "second").held

    def test_a_callback_raises(self, harness: RecipeHarness) -> None:
        """The other callbacks are called all the same, before it and after it, once each."""
        manager = harness.manager()
        hold = harness.acquired(manager, "lost")
        told: list[str] = []

        def fails(_hold: Any, _reason: str) -> None:
            told.append("raised")
            raise ValueError("of a callback")

        for callback in (lambda *_: told.append("before"), fails, lambda *_: told.append("after")):
            hold.on_lost(callback)
        self._answered(harness, manager, lambda _hold: None)
        harness.break_held(harness.manager("m3"), hold)
        harness.eventually(lambda: len(told) >= 3, "all of them are called")
        assert sorted(told) == ["after", "before", "raised"]

    def test_a_callback_sleeps(self, harness: RecipeHarness) -> None:
        """For longer than the ttl: other losses are told meanwhile, and what is held stays held."""
        one, two = harness.managers()
        wakes = threading.Event()
        kept = harness.acquired(one, "kept", harness.brief)
        slow, other = (harness.acquired(one, name, harness.brief) for name in ("slow", "other"))
        told: list[str] = []

        def sleeps(_hold: Any, _reason: str) -> None:
            told.append("slow")
            wakes.wait(PATIENCE)

        slow.on_lost(sleeps)
        other.on_lost(lambda *_: told.append("other"))
        try:
            harness.break_held(two, slow)
            harness.eventually(lambda: told == ["slow"], "the first one is told")
            harness.keep(kept, 1.2 * harness.brief)
            harness.break_held(two, other)
            harness.eventually(lambda: told == ["slow", "other"], "the other one is told meanwhile")
            assert kept.held
        finally:
            wakes.set()

    def test_on_lost_after_the_loss(self, harness: RecipeHarness) -> None:
        """Who comes too late is told at once, with the same reason; after a release nobody ever is."""
        one, two = harness.managers()
        hold, given = harness.acquired(one), harness.acquired(one, "given back")
        assert given.release()
        harness.break_held(two, hold)
        told: list[tuple[int, str]] = []
        given.on_lost(lambda it, reason: told.append((it.token, reason)))
        hold.on_lost(lambda it, reason: told.append((it.token, reason)))
        harness.eventually(lambda: told, "the late one is told")
        one.close()
        assert told == [(hold.token, hold.lost)]
        never: list[Any] = [None, "print"]
        for callback in never:
            with pytest.raises(ConfigurationError):
                hold.on_lost(callback)

    def _answered(
        self,
        harness: RecipeHarness,
        manager: Manager,
        does: Callable[[Hold], Any],
        *,
        lasting: bool = True,
    ) -> Any:
        """What a callback answers that does this when a hold of the manager is broken; another one stays."""
        hold, kept = harness.acquired(manager), harness.acquired(manager, "kept")
        answers: list[Any] = []
        done = threading.Event()

        def callback(lost: Hold, _reason: str) -> None:
            try:
                answers.append(does(lost))
            finally:
                done.set()

        hold.on_lost(callback)
        harness.break_held(harness.manager("m2"), hold)
        harness.eventually(done.is_set, "the callback comes to its end")
        assert len(answers) == 1, "it raised"
        assert kept.held == lasting
        return answers[0]


class CommitCases(Recipes):
    """Writing only while it is ours."""

    def test_commit_under_a_hold(self, harness: RecipeHarness) -> None:
        """All of it at once, seen by everybody; the index rises."""
        one, two = harness.managers()
        hold = harness.acquired(one)
        first = hold.commit({"a": b"1", "b": "two"})
        assert (two.read("a"), two.read("b")) == (b"1", b"two")
        assert hold.commit({"a": b"3"}, deletes=["b"]) > first
        assert (two.read("a"), two.read("b")) == (b"3", None)
        assert hold.held

    def test_commit_after_a_loss_changes_nothing(self, harness: RecipeHarness) -> None:
        """Neither when the loss is known, nor when only the store knows; nor after a release."""
        one, two = harness.managers()
        for end, reason in ((two.break_lock, "broken"), (None, "deleted"), (None, "released")):
            hold = harness.acquired(one)
            assert hold.commit({"a": reason}) > 0
            if reason == "released":
                assert hold.release()
            elif end is None:
                harness.remove(harness.queue()[0])
            else:
                assert end(NAME, hold.token)
            with pytest.raises(LeaseLost) as loss:
                hold.commit({"a": b"too late"})
            assert loss.value.reason in {reason, "deleted"}
            assert two.read("a") == reason.encode()
            assert not hold.held
