"""Watching a group: who is there first, then who comes and who goes, of this group and no other."""

from __future__ import annotations

from coordination.testing.members.scene import Scene, Watcher, machines
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness


class WatchCases(Recipes):
    """What `watch` tells, to members and to onlookers alike."""

    def test_watching_tells_who_is_there_then_who_comes_and_goes(self, harness: RecipeHarness) -> None:
        """In their order, each with all that is known of the member, also of one who has left."""
        scene = Scene(harness)
        one, two = scene.joined("m1"), scene.joined("m2", metadata={"rack": "b"})
        watcher = Watcher(scene, scene.membership(harness.manager("m9")), 5)
        assert set(watcher.heard(2)) == {("joined", "m1"), ("joined", "m2")}
        three = scene.joined("m3")
        watcher.heard(3)
        assert two.leave() is True
        watcher.heard(4)
        assert one.leave() is True
        assert watcher.heard(5)[2:] == [("joined", "m3"), ("left", "m2"), ("left", "m1")]
        gone = watcher.events[3].member
        assert (gone.metadata, gone.group) == ({"rack": "b"}, three.members()[0].group)

    def test_a_member_hears_of_itself(self, harness: RecipeHarness) -> None:
        """It watches before it joins, and hears of its own coming and going as everybody does."""
        scene = Scene(harness)
        one = scene.membership(harness.manager("m1"))
        watcher = Watcher(scene, one, 2)
        one.join()
        watcher.heard(1)
        assert one.leave() is True
        assert watcher.heard(2) == [("joined", "m1"), ("left", "m1")]

    def test_watching_ends_at_its_timeout(self, harness: RecipeHarness) -> None:
        """With 0 at once, after those who are there; an empty group has none."""
        scene = Scene(harness)
        for machine in ("m1", "m2"):
            scene.joined(machine)
        onlooker = scene.membership(harness.manager("m9"))
        events = list(onlooker.watch(timeout=0))
        assert sorted((it.kind, it.member.machine_id) for it in events) == [
            ("joined", "m1"),
            ("joined", "m2"),
        ]
        assert list(scene.membership(harness.manager("m8"), "empty").watch(timeout=0)) == []

    def test_a_crash_is_told_as_leaving(self, harness: RecipeHarness) -> None:
        """003: gone after its ttl, from the list and for who watches, though nobody says goodbye."""
        scene = Scene(harness)
        scene.joined("m1")
        crashed = scene.crashed("m2")
        watcher = Watcher(scene, scene.membership(harness.manager("m9")), 3)
        watcher.heard(2)
        scene.outlast(lambda: len(watcher.events) == 3, "it is told")
        assert watcher.heard(3)[2] == ("left", "m2")
        assert machines(scene.membership(harness.manager("m8"))) == ["m1"]
        assert crashed.machine_id == "m2"

    def test_a_member_that_comes_back_is_another_one(self, harness: RecipeHarness) -> None:
        """Left, then joined, with a higher token: what it was asked to do before is not under way now."""
        scene = Scene(harness)
        scene.joined("m1", ttl=harness.brief)
        watcher = Watcher(scene, scene.membership(harness.manager("m9")), 3)
        watcher.heard(1)
        harness.listening()
        harness.revoke(scene.records()[0])
        scene.outlast(lambda: len(watcher.events) == 3, "it is told")
        assert watcher.heard(3) == [("joined", "m1"), ("left", "m1"), ("joined", "m1")]
        before, left, after = (event.member.token for event in watcher.events)
        assert before == left < after

    def test_other_groups_are_not_told(self, harness: RecipeHarness) -> None:
        """Neither those whose names begin alike, nor those that look like a part of its keys."""
        scene = Scene(harness)
        manager = harness.manager("m1")
        watcher = Watcher(scene, scene.membership(harness.manager("m9"), "a"), 2)
        for group in ("a/b", "ab", "a.b", "A", "%61", "a"):
            scene.membership(manager, group).join()
        watcher.heard(1)
        manager.close()
        watcher.heard(2)
        assert [(it.kind, it.member.group) for it in watcher.events] == [("joined", "a"), ("left", "a")]

    def test_many_watch(self, harness: RecipeHarness) -> None:
        """Each of five hears everything."""
        scene = Scene(harness)
        onlooker = scene.membership(harness.manager("m9"))
        watchers = [Watcher(scene, onlooker, 4) for _ in range(5)]
        for _ in range(2):
            one = scene.joined("m1")
            scene.soon(lambda: all(len(it.events) % 2 for it in watchers), "all are told of it")
            assert one.leave() is True
            scene.soon(lambda: not any(len(it.events) % 2 for it in watchers), "of its end as well")
        for watcher in watchers:
            assert watcher.heard(4) == [("joined", "m1"), ("left", "m1")] * 2
