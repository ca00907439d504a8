"""Joining that fails, is doubted, or is cancelled: there is a member afterwards, or there is nothing."""

from __future__ import annotations

import contextlib
import threading

from coordination.errors import CoordinationError, StoreError
from coordination.testing.members.scene import Scene, machines
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.calls import Call
from coordination.testing.recipes.harness import PATIENCE, RecipeHarness


class DoubtfulJoinCases(Recipes):
    """fleet #750: an answer that got lost made every later registration fail on its own record."""

    def test_a_lost_answer_is_no_duplicate(self, harness: RecipeHarness) -> None:
        """Written, and nobody knows: joined all the same, once, and nobody is told of a duplicate."""
        scene = Scene(harness)
        store = harness.faulty()
        one = scene.membership(harness.manager("m1", store))
        told: list[object] = []
        one.on_duplicate(lambda *_: told.append("duplicate"))
        store.lose_answer("create")
        with contextlib.suppress(StoreError):
            scene.answer(harness.begin(one, "join"))
        scene.answer(harness.begin(one, "join"))
        scene.soon(lambda: len(scene.records()) == 1 and one.joined, "it is in, once")
        scene.linger()
        assert (machines(one), told) == (["m1"], [])
        assert one.leave() is True
        scene.soon(lambda: not scene.records(), "it is gone")

    def test_joining_out_of_reach_is_an_error_of_the_store(self, harness: RecipeHarness) -> None:
        """No duplicate, and nothing comes of it later; when the store answers again it works."""
        scene = Scene(harness)
        store = harness.faulty()
        one = scene.membership(harness.manager("m1", store))
        store.cut()
        joining = harness.begin(one, "join", 0.5)
        scene.soon(lambda: joining.done, "it gives up")
        assert isinstance(joining.ended(), StoreError)
        store.mend()
        scene.linger()
        assert (one.joined, scene.records()) == (False, [])
        one.join()
        assert machines(one) == ["m1"]

    def test_cancelled_while_it_waits_for_a_dead_one(self, harness: RecipeHarness) -> None:
        """The place becomes free, and nobody takes it."""
        scene = Scene(harness)
        scene.crashed("m1")
        two = scene.membership(harness.manager("m1"))
        joining = harness.begin(two, "join")
        scene.linger()
        assert not joining.done
        joining.cancel()
        scene.outlast(lambda: not scene.records(), "the dead one is gone")
        scene.linger()
        assert (two.joined, scene.records()) == (False, [])
        two.join()
        assert two.joined

    def test_cancelled_while_the_request_is_under_way(self, harness: RecipeHarness) -> None:
        """What it still brings about is undone, though nobody waits for the answer any more."""
        scene = Scene(harness)
        store = harness.faulty()
        manager = harness.manager("m1", store)
        other = scene.membership(manager, "another")
        other.join()
        harness.listening()
        one = scene.membership(manager)
        known = threading.Event()
        under_way: list[Call] = []

        def cancels() -> None:
            assert known.wait(PATIENCE)
            under_way[0].interrupt()

        store.after("create", cancels)
        under_way.append(harness.begin(one, "join"))
        known.set()
        assert under_way[0].ended() is not None
        scene.soon(lambda: len(scene.records()) == 1, "its record is removed")
        assert (one.joined, other.joined) == (False, True)
        scene.answer(harness.begin(one, "join"))  # Whoever removes its record may be a moment from saying so.
        assert machines(one) == ["m1"]

    def test_refused_requests_at_each_step(self, harness: RecipeHarness) -> None:
        """Whichever it is: in or an error; then it works, and in the end nothing is left."""
        scene = Scene(harness)
        store = harness.faulty()
        one = scene.membership(harness.manager("m1", store))
        for call in ("open_session", "create", "read", "watch", "delete"):
            store.refuse(call, times=2)
            for _ in range(3):
                with contextlib.suppress(StoreError):
                    scene.answer(harness.begin(one, "join", 10.0))
            assert (one.joined, machines(one)) == (True, ["m1"])
            with contextlib.suppress(CoordinationError):
                scene.answer(harness.begin(one, "leave"))
            scene.soon(lambda: not scene.records(), f"it is gone ({call} was refused)")
            assert one.joined is False
