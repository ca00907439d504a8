"""Members who lose their record: they are back by themselves, unless they crashed, or want to be gone."""

from __future__ import annotations

import contextlib

from coordination.errors import StoreError
from coordination.testing.members.scene import GROUP, Scene, machines
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness


class ReturnCases(Recipes):
    """The list heals, on every store."""

    def test_a_crashed_member_is_gone_after_its_ttl(self, harness: RecipeHarness) -> None:
        """003: and not before others could not have it; who lives stays, under its token."""
        scene = Scene(harness)
        one = scene.joined("m1")
        stays = scene.tokens()
        scene.crashed("m2")
        assert machines(one) == ["m1", "m2"]
        scene.outlast(lambda: machines(one) == ["m1"], "the dead one is gone")
        assert scene.tokens() == stays

    def test_a_session_revoked_heals(self, harness: RecipeHarness) -> None:
        """Within its ttl, in all of its groups, with its metadata, and under higher tokens."""
        scene = Scene(harness)
        manager = harness.manager("m1")
        both = [
            scene.membership(manager, group, ttl=harness.brief, metadata={"rack": "a"})
            for group in (GROUP, "another")
        ]
        for membership in both:
            membership.join()
        harness.listening()
        before = scene.records()
        harness.revoke(before[0])
        scene.outlast(lambda: len(scene.records()) == 2, "it is back in both")
        tokens = {record.key: record.created for record in before}
        assert all(record.created > tokens[record.key] for record in scene.records())
        scene.soon(lambda: all(it.joined for it in both), "it knows that it is")
        onlooker = harness.manager("m9")
        for group in (GROUP, "another"):
            (member,) = scene.membership(onlooker, group).members()
            assert (member.machine_id, member.metadata) == ("m1", {"rack": "a"})
        assert [it.leave() for it in both] == [True, True]
        scene.soon(lambda: not scene.records(), "nothing is left")

    def test_a_record_deleted_by_a_stranger_heals(self, harness: RecipeHarness) -> None:
        """Its next proof finds that, and it is back, though its session lives."""
        scene = Scene(harness)
        one = scene.joined("m1", ttl=harness.brief)
        (before,) = scene.records()
        harness.remove(before)
        scene.outlast(lambda: scene.tokens() > [before.created], "it is back")
        scene.soon(lambda: one.joined, "it knows that it is")
        assert machines(one) == ["m1"]

    def test_a_member_cut_off_beyond_its_ttl_comes_back(self, harness: RecipeHarness) -> None:
        """It is gone meanwhile, and knows: then the store answers again."""
        scene = Scene(harness)
        store = harness.faulty()
        one = scene.joined("m1", store=store, ttl=harness.period)
        (before,) = scene.tokens()
        store.cut()
        scene.outlast(lambda: not scene.records() and not one.joined, "it is gone, and knows")
        store.mend()
        scene.soon(lambda: scene.tokens() > [before], "it is back")
        scene.soon(lambda: one.joined, "it knows that it is")

    def test_losing_it_again_and_again(self, harness: RecipeHarness) -> None:
        """Three times its session is revoked, and three times it is back."""
        scene = Scene(harness)
        one = scene.joined("m1", ttl=harness.brief)
        tokens = scene.tokens()
        for _ in range(3):
            harness.listening()
            harness.revoke(scene.records()[0])
            scene.outlast(lambda: scene.tokens() not in ([], tokens[-1:]), "it is back")
            tokens.extend(scene.tokens())
        assert tokens == sorted(set(tokens))
        assert machines(one) == ["m1"]

    def test_who_left_does_not_come_back(self, harness: RecipeHarness) -> None:
        """Though its manager's session is lost afterwards, on which another group is kept and heals."""
        scene = Scene(harness)
        manager = harness.manager("m1")
        left, stays = (scene.membership(manager, group, ttl=harness.brief) for group in (GROUP, "another"))
        left.join()
        stays.join()
        assert left.leave() is True
        harness.listening()
        (before,) = scene.records()
        harness.revoke(before)
        scene.outlast(lambda: scene.tokens("another") > [before.created], "the other group heals")
        scene.linger()
        assert (left.joined, scene.records(GROUP)) == (False, [])

    def test_who_leaves_while_it_is_away_stays_away(self, harness: RecipeHarness) -> None:
        """Its session is lost, the store is out of reach, it leaves: nothing of it is ever there again."""
        scene = Scene(harness)
        store = harness.faulty()
        one = scene.joined("m1", store=store, ttl=harness.period)
        store.cut()
        scene.outlast(lambda: not scene.records() and not one.joined, "it is gone, and knows")
        leaving = harness.begin(one, "leave")
        scene.soon(lambda: leaving.done, "it leaves")
        with contextlib.suppress(StoreError):  # It may say that it could not be sure.
            assert leaving.answer() in {True, False}
        store.mend()
        scene.linger()
        assert (one.joined, scene.records()) == (False, [])
        one.join()
        assert (one.joined, machines(one)) == (True, ["m1"])
