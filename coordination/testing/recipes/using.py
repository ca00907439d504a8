"""How a lock is used in a program: `with`, as a decorator, several at once, with any name."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest

from coordination.errors import ConfigurationError, LeaseLost
from coordination.hold import Hold
from coordination.testing.racing import race
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness

NAMES = [
    "a/b",
    "a%2Fb",
    ".",
    "..",
    "a.b",
    " ",
    "with spaces ",
    "Ünïcødé 🔒",
    "line\nbreak",
    "A",
    "a",
    "x" * 255,
    "ü" * 127,
]
"""Each of them has broken a lock somewhere: keys are paths, patterns or words of fixed length elsewhere."""


class UseCases(Recipes):
    """A lock in a program."""

    def test_with(self, harness: RecipeHarness) -> None:
        """Held in the block, given back at its end, also when that raises, and then again."""
        lock = harness.lock(harness.manager())
        seen: list[Hold] = []

        def body(hold: Hold) -> str:
            seen.append(hold)
            assert (hold.held, lock.try_acquire()) == (True, None)
            if len(seen) == 2:
                raise ValueError("of the block")
            return "done"

        assert harness.face.within(lock, body) == "done"
        with pytest.raises(ValueError, match="of the block"):
            harness.face.within(lock, body)
        assert harness.face.within(lock, body) == "done"
        assert [hold.held for hold in seen] == [False] * 3
        harness.nothing_left()

    def test_with_tells_of_a_loss(self, harness: RecipeHarness) -> None:
        """A block that ends, knowing nothing of a loss, raises; one that raised keeps its error."""
        one, two = harness.managers()

        def body(hold: Hold) -> None:
            harness.break_held(two, hold)

        with pytest.raises(LeaseLost, match="broken"):
            harness.face.within(harness.lock(one), body)

        def raising(hold: Hold) -> None:
            body(hold)
            raise ValueError("of the block")

        with pytest.raises(ValueError, match="of the block") as raised:
            harness.face.within(harness.lock(one), raising)
        assert any("broken" in note for note in raised.value.__notes__)

    def test_a_decorated_function_runs_while_it_is_held(self, harness: RecipeHarness) -> None:
        """With its arguments, answer and name; callers on all sides take turns."""
        one, two, _ = harness.three()
        inside: list[int] = []

        def work(number: int) -> int:
            inside.append(number)
            assert len(inside) == 1, "two at once"
            assert len(harness.queue()) >= 1
            inside.remove(number)
            return 2 * number

        decorated = [harness.face.decorated(harness.lock(manager), work) for manager in (one, two)]
        assert race([partial(it, n) for it in decorated for n in (1, 2, 3)]) == [2, 4, 6] * 2
        harness.nothing_left()

    def test_nested_locks_of_different_names(self, harness: RecipeHarness) -> None:
        """One within another, and given back in any order."""
        manager = harness.manager()
        outer, inner = harness.lock(manager, "outer"), harness.lock(manager, "inner")

        def body(hold: Hold) -> None:
            within = inner.acquire()
            assert (hold.held, within.held, within.name) == (True, True, "inner")
            third = harness.acquired(manager, "third")
            assert within.release()
            assert third.release()

        harness.face.within(outer, body)
        harness.nothing_left()

    def test_d16_names_of_all_sorts(self, harness: RecipeHarness) -> None:
        """D16: all are held at once, each keeps its name, and no other connection gets one of them."""
        one, two = harness.managers()
        holds = [harness.acquired(one, name) for name in NAMES]
        assert [hold.held for hold in holds] == [True] * len(NAMES)
        assert [hold.name for hold in holds] == NAMES
        assert [harness.lock(two, name).try_acquire() for name in NAMES] == [None] * len(NAMES)
        assert [two.holders(name)[0].name for name in NAMES] == NAMES
        assert [hold.release() for hold in holds] == [True] * len(NAMES)

    def test_a_name_that_can_never_be_is_refused(self, harness: RecipeHarness) -> None:
        """Before anything is asked of the store."""
        store = harness.faulty()
        manager = harness.manager("m1", store)
        never: list[Any] = ["", "x" * 256, "ü" * 128, "\ud800", 7, None]
        for name in never:
            with pytest.raises(ConfigurationError):
                manager.lock(name)
        assert store.calls == []

    def test_a_lock_is_shared_between_threads(self, harness: RecipeHarness) -> None:
        """One object, entered by many at once: each block has a hold of its own, one after another."""
        lock = harness.lock(harness.manager())
        mutex, tokens = threading.Lock(), []

        def body(hold: Hold) -> None:
            assert mutex.acquire(blocking=False), "two at once"
            assert hold.held
            tokens.append(hold.token)
            mutex.release()

        race([lambda: harness.face.within(lock, body)] * 8)
        assert len(set(tokens)) == 8
        assert tokens == sorted(tokens)
