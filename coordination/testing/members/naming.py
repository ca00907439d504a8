"""Several groups, several machines, and names of all sorts: none reaches into another's."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.errors import ConfigurationError
from coordination.testing.members.scene import Scene, machines
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness
from coordination.testing.recipes.using import NAMES

GROUPS = [*NAMES, "b", "ab", "members"]
"""Each of them has broken a key somewhere: as a path, a pattern, a prefix of another, or by its length."""

MACHINES = [*NAMES[:11], "ab", "x" * 160, "ü" * 26]
"""A machine id may have 160 bytes as it is encoded in a key."""


class MemberNameCases(Recipes):
    """Which group, and which machine, is a matter of the whole name."""

    def test_groups_are_apart(self, harness: RecipeHarness) -> None:
        """Machines in several groups, in one of them, in none; leaving one group is leaving that one."""
        scene = Scene(harness)
        one, two = harness.managers()
        both = [scene.membership(one, group) for group in ("web", "db")]
        for membership in both:
            membership.join()
        only = scene.membership(two, "db")
        only.join()
        assert [machines(it) for it in (*both, only)] == [["m1"], ["m1", "m2"], ["m1", "m2"]]
        assert machines(scene.membership(two, "w")) == []
        assert both[1].leave() is True
        assert [machines(it) for it in (*both, only)] == [["m1"], ["m2"], ["m2"]]

    def test_group_names_of_all_sorts(self, harness: RecipeHarness) -> None:
        """A machine in all of them is in each of them once, and leaves each of them alone."""
        scene = Scene(harness)
        one, two = harness.managers()
        joined = [scene.membership(one, group) for group in GROUPS]
        for membership in joined:
            membership.join()
        for group in GROUPS:
            assert [it.group for it in scene.membership(two, group).members()] == [group]
        for number, membership in enumerate(joined, 1):
            assert membership.leave() is True
            assert len(scene.records()) == len(GROUPS) - number

    def test_machine_ids_of_all_sorts(self, harness: RecipeHarness) -> None:
        """Any number of members on one manager, each under an id of its own, in the order of the ids."""
        scene = Scene(harness)
        one, two = harness.managers()
        joined = [scene.membership(one, machine_id=machine) for machine in MACHINES]
        for membership in joined:
            membership.join()
        assert machines(scene.membership(two)) == sorted(MACHINES)
        assert [membership.leave() for membership in joined] == [True] * len(MACHINES)
        scene.soon(lambda: not scene.records(), "nothing is left")

    def test_names_that_can_never_be_are_refused(self, harness: RecipeHarness) -> None:
        """Before anything is asked of the store."""
        store = harness.faulty()
        manager = harness.manager("m1", store)
        groups: list[Any] = ["", "x" * 256, "ü" * 128, "\ud800", 7, None]
        for group in groups:
            with pytest.raises(ConfigurationError):
                manager.membership(group)
        ids: list[Any] = ["", "x" * 161, "ü" * 27, "\ud800", 7]
        for machine_id in ids:
            with pytest.raises(ConfigurationError):
                manager.membership("a", machine_id=machine_id)
        periods: list[Any] = [0, -1, True, "15", float("nan")]
        for ttl in periods:
            with pytest.raises(ConfigurationError):
                manager.membership("a", ttl=ttl)
        assert store.calls == []
