"""The units of a pool: added, listed, updated, removed; payloads stay as they are (004's user columns)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from coordination.errors import ConfigurationError
from coordination.store import TimesLeft
from coordination.testing.pools.scene import POOL, Scene, losses, names, numbered, obtained
from coordination.testing.racing import race
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness

PAYLOADS: list[Any] = [
    *(None, b"", b"\x00\xff", "", "text", "Ünïcødé 🔒", 0, 1, -1.5, True, False, [], {}),
    {"mongo": ["a:1", "b:2"], "Ü": None, "deep": {"list": [1, [2.5, "x"], {}]}},
    {"LeaseUntil": 1_700_000_000_123_456_789, "large": 2**70},
    *("null", "1", '{"a": 1}', b'{"a": 1}', "jx", "bx"),
]
"""Among them texts and bytes that look like another payload as it is stored."""

MANY = 300


class DefineCases(Recipes):
    """What `add`, `units`, `update` and `remove` do, with nobody owning anything."""

    def test_units_are_added_once_and_listed_by_name(self, harness: RecipeHarness) -> None:
        """True, then False; every machine sees the same, and nobody owns them."""
        scene = Scene(harness)
        one, two = scene.pools(2)
        assert [one.add("b", "payload of b", weight=2.5), one.add("a"), one.add("c", b"c")] == [True] * 3
        assert [two.add("b", "another"), one.add("b", "payload of b")] == [False] * 2
        for pool in (one, two):
            units = pool.units()
            assert [(it.name, it.payload, it.weight) for it in units] == [
                ("a", None, 1),
                ("b", "payload of b", 2.5),
                ("c", b"c", 1),
            ]
            assert {(it.machine_id, it.token, it.until, it.since) for it in units} == {(None,) * 4}

    def test_payloads_are_kept(self, harness: RecipeHarness) -> None:
        """K3, D9: listed, and handed to the owner, equal and of the same type, and not rounded."""
        scene = Scene(harness)
        one, two = scene.pools(2)
        for number, payload in enumerate(PAYLOADS):
            assert one.add(f"{number:03}", payload)
        listed = [it.payload for it in two.units()]
        owned = [it.payload for it in two.claim(len(PAYLOADS))]
        for kept in (listed, owned):
            assert [(type(it), it) for it in kept] == [(type(it), it) for it in PAYLOADS]

    def test_what_cannot_be_kept_is_refused(self, harness: RecipeHarness) -> None:
        """Neither as a payload, nor as a weight, nor as a name; nothing is written."""
        scene = Scene(harness)
        payloads: list[Any] = [object(), {1, 2}, {"x": object()}, {"x": b"bytes"}, float("nan")]
        for payload in payloads:
            with pytest.raises(ConfigurationError):
                scene.editor.add("a", payload)
        weights: list[Any] = [0, -1, True, None, "1", float("nan"), float("inf")]
        for weight in weights:
            with pytest.raises(ConfigurationError):
                scene.editor.add("a", weight=weight)
        assert scene.editor.units() == []

    def test_updating_changes_the_payload_and_nothing_else(self, harness: RecipeHarness) -> None:
        """The owner keeps it under its token; the next one has the new payload. False if it is missing."""
        scene = Scene(harness)
        one, two = scene.pools(2)
        assert one.add("a", "old", weight=3)
        unit = obtained(two)
        assert one.update("a", {"new": True}) is True
        (info,) = two.units()
        assert (info.payload, info.weight, info.token) == ({"new": True}, 3, unit.token)
        assert unit.held
        assert unit.release() is True
        assert obtained(one).payload == {"new": True}
        assert one.update("b", "new") is False
        assert names(one.units()) == ["a"]

    def test_removing(self, harness: RecipeHarness) -> None:
        """004: a row that is missing is never obtained; True, then False; added again it is a new one."""
        scene = Scene(harness, "a", "b")
        one, two = scene.pools(2)
        assert [one.remove("a"), one.remove("a"), two.remove("never there")] == [True, False, False]
        assert names(two.units()) == ["b"]
        assert names(two.claim(5)) == ["b"]
        assert one.add("a", "anew") is True
        assert obtained(two).payload == "anew"

    def test_removing_an_owned_unit(self, harness: RecipeHarness) -> None:
        """Its owner is told `deleted`, nobody has it afterwards; added again, the token goes on rising."""
        scene = Scene(harness, "a", "b")
        one, two = scene.pools(2)
        first = {unit.name: unit for unit in one.claim(2)}
        scene.listening(2)
        told = losses(first["a"])
        assert two.remove("a") is True
        scene.soon(lambda: not first["a"].held, "its owner is told")
        scene.soon(lambda: told == ["deleted"], "the callback is told, once")
        assert (first["a"].lost, first["b"].held, names(two.units())) == ("deleted", True, ["b"])
        scene.soon(lambda: list(scene.owners()) == ["b"], "its record is gone")
        assert one.add("a") is True
        again = obtained(two)
        assert (again.name, again.token > first["a"].token) == ("a", True)

    def test_units_tell_who_owns_them(self, harness: RecipeHarness) -> None:
        """By machine, token, since when and until when; None again when they are given back."""
        scene = Scene(harness, "a", "b")
        one, two = scene.pools(2)
        begin = harness.clock.wall()
        unit = obtained(one)
        end = harness.clock.wall()
        told = {it.name: it for it in two.units()}
        info = told.pop(unit.name)
        (free,) = told.values()
        assert (info.machine_id, info.token) == ("m1", unit.token)
        assert info.since is not None
        assert begin <= info.since <= end
        if scene.owner(unit.name).time_left is None and not isinstance(scene.store, TimesLeft):
            info = replace(info, until=unit.until)  # Not every store can say that of others' records.
        assert info.until is not None
        most = harness.clock.wall() + harness.granted(harness.ample)
        assert begin < info.until <= most + min(harness.slack, 2.0)
        assert begin < unit.until <= most
        assert (free.machine_id, free.token, free.until, free.since) == (None,) * 4
        assert unit.release() is True
        assert [it.machine_id for it in two.units()] == [None, None]

    def test_d6_many_units_are_listed_completely(self, harness: RecipeHarness) -> None:
        """D6: 300 of them, beyond any page; 004 never leases what is beyond its first page."""
        scene = Scene(harness)
        wanted = numbered(MANY)
        scene.define_many(wanted[::-1])
        (one,) = scene.pools(1)
        assert [(it.name, it.payload) for it in one.units()] == [(it, it) for it in wanted]
        assert one.add(wanted[-1]) is False
        assert names(one.claim(MANY)) == wanted
        assert names(one.owned()) == wanted

    def test_of_several_who_add_a_unit_one_does(self, harness: RecipeHarness) -> None:
        """One True among six, on three machines; its payload is the one that is kept."""
        scene = Scene(harness)
        pools = scene.pools(3)
        for unit in ("a", "b", "c"):
            answers = race([partial(pool.add, unit, number) for number, pool in enumerate(pools * 2)])
            assert sorted(answers) == [False] * 5 + [True]
            kept = {it.name: it.payload for it in pools[0].units()}
            assert kept[unit] == answers.index(True)
        scene.only_definitions_left()

    def test_pools_are_apart(self, harness: RecipeHarness) -> None:
        """Whatever their names look like: units of the same name are units of their own."""
        scene = Scene(harness)
        one, two = harness.managers()
        all_pools = ["a", "a/b", "ab", "a.b", ".", POOL, "x" * 255]
        for pool in all_pools:
            assert scene.pool(one, pool).add("unit", pool)
        units = [obtained(scene.pool(two, pool)) for pool in all_pools]
        assert [it.payload for it in units] == all_pools
        scene.listening(2)
        assert scene.pool(one, "a").remove("unit") is True
        scene.soon(lambda: not units[0].held, "its owner is told")
        assert [it.held for it in units] == [False] + [True] * (len(all_pools) - 1)
