"""Two processes with one machine id: fleet's most frequent report, cloned hosts that fight for one record.

The second one is refused at once if the first one lives, which is told; if it is dead, the second one
waits until its record has expired. Nobody ever writes over a record of somebody else.
"""

from __future__ import annotations

import pytest

from coordination.errors import ConfigurationError, DuplicateMember
from coordination.membership import Membership
from coordination.testing.members.scene import Scene, machines
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness


class DuplicateCases(Recipes):
    """Another live process has the id."""

    def test_a_second_live_process_is_refused_at_once(self, harness: RecipeHarness) -> None:
        """003 #615, #1241: long before any ttl; the first one stays, under its token, and is told."""
        scene = Scene(harness)
        one = scene.joined("m1", ttl=harness.long)
        told = duplicates(one)
        tokens = scene.tokens()
        begin = harness.clock.now()
        two = scene.membership(harness.manager("m1"))
        joining = harness.begin(two, "join")
        harness.eventually(lambda: joining.done, "it is refused", within=harness.told)
        assert isinstance(joining.ended(), DuplicateMember)
        assert harness.clock.now() - begin <= harness.told
        harness.eventually(lambda: told, "the first one is told", within=harness.told)
        assert (one.joined, two.joined, scene.tokens()) == (True, False, tokens)
        assert machines(two) == ["m1"]
        assert two.leave() is False
        assert scene.tokens() == tokens

    def test_it_is_refused_as_often_as_it_asks(self, harness: RecipeHarness) -> None:
        """Without a fight, and when the first one has left it is in."""
        scene = Scene(harness)
        one = scene.joined("m1")
        tokens = scene.tokens()
        two = scene.membership(harness.manager("m1"))
        for _ in range(2):
            with pytest.raises(DuplicateMember, match="m1"):
                scene.answer(harness.begin(two, "join"))
        assert scene.tokens() == tokens
        assert one.leave() is True
        two.join()
        assert (one.joined, two.joined) == (False, True)
        assert scene.tokens() > tokens

    def test_other_groups_and_machines_are_no_duplicates(self, harness: RecipeHarness) -> None:
        """The same id in another group, and another id in the same group."""
        scene = Scene(harness)
        one = scene.joined("m1")
        told = duplicates(one)
        twin = harness.manager("m1")
        scene.membership(twin, "another").join()
        scene.membership(twin, machine_id="m2").join()
        scene.linger()
        assert (told, machines(one)) == ([], ["m1", "m2"])

    def test_two_memberships_of_one_manager(self, harness: RecipeHarness) -> None:
        """The same id twice in one process is twice as well: the second one is refused."""
        scene = Scene(harness)
        manager = harness.manager("m1")
        one, two = scene.membership(manager), scene.membership(manager)
        one.join()
        with pytest.raises(DuplicateMember):
            scene.answer(harness.begin(two, "join"))
        assert (one.joined, two.joined, machines(one)) == (True, False, ["m1"])
        assert one.leave() is True
        two.join()
        assert machines(one) == ["m1"]

    def test_who_lost_its_id_does_not_fight_for_it(self, harness: RecipeHarness) -> None:
        """Cut off for too long, another one has its id by then: it is told, and the other one stays."""
        scene = Scene(harness)
        store = harness.faulty()
        one = scene.joined("m1", store=store, ttl=harness.period)
        told = duplicates(one)
        store.cut()
        scene.outlast(lambda: not scene.records() and not one.joined, "it is gone, and knows")
        two = scene.joined("m1")
        tokens = scene.tokens()
        store.mend()
        scene.soon(lambda: told, "it is told")
        scene.linger()
        assert (one.joined, two.joined, scene.tokens()) == (False, True, tokens)

    def test_telling_wants_somebody_to_call(self, harness: RecipeHarness) -> None:
        """Anything else is refused."""
        one = Scene(harness).membership(harness.manager("m1"))
        never: tuple[object, ...] = (None, "print")
        for callback in never:
            with pytest.raises(ConfigurationError):
                one.on_duplicate(callback)  # type: ignore[arg-type]


class DeadPredecessorCases(Recipes):
    """Nobody answers for the record that is there."""

    def test_a_dead_predecessors_record_is_waited_for(self, harness: RecipeHarness) -> None:
        """Restarted at once after a crash: in as soon as the old record has expired, without an error."""
        scene = Scene(harness)
        scene.crashed("m1")
        (before,) = scene.tokens()
        two = scene.membership(harness.manager("m1"))
        joining = harness.begin(two, "join")
        scene.outlast(lambda: joining.done, "it is in")
        assert joining.answer() is None
        assert scene.tokens() > [before]
        assert (two.joined, machines(two)) == (True, ["m1"])

    def test_waiting_for_a_dead_one_is_bounded(self, harness: RecipeHarness) -> None:
        """Its timeout passes first: refused, nothing of it is left, and the old record is untouched."""
        scene = Scene(harness)
        store = harness.faulty()
        scene.joined("m1", store=store)
        store.cut()
        tokens = scene.tokens()
        two = scene.membership(harness.manager("m1"))
        with pytest.raises(DuplicateMember):
            scene.answer(harness.begin(two, "join", 0.5))
        assert (two.joined, scene.tokens()) == (False, tokens)

    def test_several_wait_for_a_dead_one(self, harness: RecipeHarness) -> None:
        """One of them is in, the others are refused."""
        scene = Scene(harness)
        scene.crashed("m1")
        twins = [scene.membership(harness.manager("m1")) for _ in range(3)]
        joinings = [harness.begin(it, "join") for it in twins]
        scene.outlast(lambda: any(it.joined for it in twins), "one is in")
        scene.soon(lambda: all(it.done for it in joinings), "the others are answered")
        errors = [it.ended() for it in joinings]
        assert errors.count(None) == 1, errors
        assert [type(it) for it in errors if it is not None] == [DuplicateMember] * 2
        assert [it.joined for it in twins] == [it is None for it in errors]
        assert len(scene.records()) == 1


def duplicates(membership: Membership) -> list[tuple[object, ...]]:
    """What it is told of others with its machine id, so far."""
    told: list[tuple[object, ...]] = []
    membership.on_duplicate(lambda *arguments: told.append(arguments))
    return told
