"""Joining, leaving, and being seen: what one membership after another does."""

from __future__ import annotations

import os
import socket
from typing import Any, cast

import pytest

from coordination.errors import ConfigurationError
from coordination.testing.members.scene import GROUP, Scene, machines
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness


class JoinCases(Recipes):
    """What a group looks like to those in it, and to those who only look."""

    def test_who_joins_is_seen_by_everybody(self, harness: RecipeHarness) -> None:
        """With all that it says of itself, through its own manager and through another."""
        scene = Scene(harness)
        begin = harness.clock.wall()
        one = scene.joined("m1", metadata={"rack": "a1", "Ünïcødé": "🔒"})
        end = harness.clock.wall()
        other = scene.membership(harness.manager("m2"))
        for looks in (one, other):
            (member,) = looks.members()
            assert (member.group, member.machine_id) == (GROUP, "m1")
            assert member.metadata == {"rack": "a1", "Ünïcødé": "🔒"}
            assert (member.host, member.pid) == (socket.gethostname(), os.getpid())
            assert begin <= member.since <= end
            assert [member.token] == scene.tokens()
        assert (one.joined, other.joined) == (True, False)

    def test_who_only_looks_is_no_member(self, harness: RecipeHarness) -> None:
        """Looking leaves no record, and a group that nobody joined is empty."""
        scene = Scene(harness)
        onlooker = scene.membership(harness.manager("m1"))
        assert (onlooker.members(), onlooker.joined, scene.records()) == ([], False, [])
        scene.joined("m2")
        assert machines(onlooker) == ["m2"]

    def test_members_are_listed_by_machine_id(self, harness: RecipeHarness) -> None:
        """In whichever order they came; each machine sees the same list."""
        scene = Scene(harness)
        joined = [scene.joined(machine) for machine in ("m3", "m10", "m1")]
        for membership in joined:
            assert machines(membership) == ["m1", "m10", "m3"]
        assert joined[0].leave() is True
        assert machines(joined[1]) == ["m1", "m10"]

    def test_joining_twice_is_joining_once(self, harness: RecipeHarness) -> None:
        """One record, the first one, and one leave ends it."""
        scene = Scene(harness)
        one = scene.joined()
        tokens = scene.tokens()
        one.join()
        assert (one.joined, scene.tokens()) == (True, tokens)
        assert one.leave() is True
        scene.soon(lambda: not scene.records(), "nothing is left")

    def test_leaving_twice(self, harness: RecipeHarness) -> None:
        """True, then False; False as well for who never joined. Others stay."""
        scene = Scene(harness)
        one, two = scene.joined("m1"), scene.joined("m2")
        assert [one.leave(), one.leave()] == [True, False]
        assert (one.joined, machines(two)) == (False, ["m2"])
        never = scene.membership(harness.manager("m3"))
        assert never.leave() is False

    def test_joining_again_has_a_higher_token(self, harness: RecipeHarness) -> None:
        """So that nobody takes it for the member it was."""
        scene = Scene(harness)
        one = scene.joined()
        tokens = []
        for _ in range(3):
            tokens += scene.tokens()
            assert one.leave()
            one.join()
        assert tokens == sorted(set(tokens))
        assert len(tokens) == 3

    def test_metadata_is_text(self, harness: RecipeHarness) -> None:
        """None of it is none; anything else than text is refused, before anything is written."""
        scene = Scene(harness)
        one = scene.joined()
        assert one.members()[0].metadata == {}
        for metadata in ({"rack": 7}, {7: "rack"}, "rack", {"coordination.mine": "reserved"}):
            with pytest.raises(ConfigurationError):
                scene.membership(harness.manager("m2"), metadata=metadata)
        assert len(scene.records()) == 1

    def test_with_a_membership(self, harness: RecipeHarness) -> None:
        """A member in the block, and gone after it, also when it raises; then again."""
        scene = Scene(harness)
        one = scene.membership(harness.manager("m1"))

        def body(_entered: object) -> str:
            assert (one.joined, machines(one)) == (True, ["m1"])
            return "done"

        def raising(_entered: object) -> None:
            body(None)
            raise ValueError("of the block")

        assert harness.face.within(cast(Any, one), body) == "done"
        with pytest.raises(ValueError, match="of the block"):
            harness.face.within(cast(Any, one), raising)
        assert harness.face.within(cast(Any, one), body) == "done"
        assert one.joined is False
        scene.soon(lambda: not scene.records(), "nothing is left")

    def test_closing_leaves(self, harness: RecipeHarness) -> None:
        """All groups at once, and nothing of the manager is left in the store."""
        scene = Scene(harness)
        one, two = harness.managers()
        for group in (GROUP, "another"):
            scene.membership(one, group).join()
        other = scene.membership(two)
        other.join()
        one.close()
        assert [record.created for record in scene.records()] == scene.tokens()
        assert machines(other) == ["m2"]
        two.close()
        scene.soon(lambda: not scene.records() and not harness.sessions(), "nothing is left")
