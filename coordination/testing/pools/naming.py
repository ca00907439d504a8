"""Units by any name (D7: 004 splices names into its expressions), and what a pool refuses to begin with."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.errors import ConfigurationError
from coordination.testing.pools.scene import Scene, names
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import RecipeHarness
from coordination.testing.recipes.using import NAMES

UNITS = sorted([*NAMES[:11], "name", "LeaseUntil", "edit", "u.a", "m.m1", "m1", "x" * 160, "ü" * 26])
"""Reserved words, what looks like a key of ours, and the longest: 160 bytes as it is encoded in a key."""


class NameCases(Recipes):
    """Which unit is meant is a matter of the whole name."""

    def test_d7_unit_names_of_all_sorts(self, harness: RecipeHarness) -> None:
        """D7: each is owned, checkpointed, given back and removed by itself, and none disturbs another."""
        scene = Scene(harness, *UNITS)
        (one, two) = scene.pools(2)
        units = one.claim(len(UNITS))
        assert names(units) == names(one.owned()) == names(two.units()) == UNITS
        assert two.obtain() is None
        for unit in units:
            unit.checkpoint(unit.name)
        assert [unit.restore() for unit in units] == UNITS
        assert [unit.release() for unit in units] == [True] * len(UNITS)
        others = two.claim(len(UNITS))
        assert [unit.restore() for unit in others] == UNITS
        scene.listening(3)
        for number, unit in enumerate(others, 1):
            assert one.remove(unit.name) is True
            assert names(two.units()) == UNITS[number:]
        scene.soon(lambda: not scene.owners(), "nobody owns anything")

    def test_machines_named_as_units(self, harness: RecipeHarness) -> None:
        """A machine id is no unit, whatever it looks like: all of them share two units."""
        scene = Scene(harness, "m.m1", "m1")
        machines = [scene.machine(name) for name in ("u.m1", "m.m1", "edit", "a/b", "ü" * 26)]
        for machine in machines:
            machine.balance()
        scene.settled(machines, ["m.m1", "m1"])
        assert scene.machines() == sorted(["u.m1", "m.m1", "edit", "a/b", "ü" * 26])

    def test_names_that_can_never_be_are_refused(self, harness: RecipeHarness) -> None:
        """Before anything is asked of the store."""
        store = harness.faulty()
        manager = harness.manager("m1", store)
        pools: list[Any] = ["", "x" * 256, "\ud800", 7, None]
        for name in pools:
            with pytest.raises(ConfigurationError):
                manager.pool(name)
        machines: list[Any] = ["", "x" * 161, "ü" * 27, "\ud800", 7]
        for machine_id in machines:
            with pytest.raises(ConfigurationError):
                manager.pool("a", machine_id=machine_id)
        pool = manager.pool("a", ttl=harness.ample)
        for unit in machines:
            for call in (pool.add, pool.remove, lambda it: pool.update(it, None)):
                with pytest.raises(ConfigurationError):
                    call(unit)
        assert store.calls == []

    def test_figures_that_can_never_be_are_refused(self, harness: RecipeHarness) -> None:
        """Capacities, numbers of units to ask for, ways to balance, times to wait, callbacks."""
        (one,) = Scene(harness).pools(1)
        for capacity in (0, -1, True, 1.5, None, "1"):
            with pytest.raises(ConfigurationError):
                one.claim(capacity)  # type: ignore[arg-type]
        for at_most in (0, -1, True, None, 1.5):
            with pytest.raises(ConfigurationError):
                one.balance(at_most=at_most)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError):
            one.balance(by="size")
        for seconds in (-1, True, "1"):
            with pytest.raises(ConfigurationError):
                one.wait_obtain(seconds)  # type: ignore[arg-type]
            with pytest.raises(ConfigurationError):
                one.drain(seconds)  # type: ignore[arg-type]
        with pytest.raises(ConfigurationError):
            one.on_obtained(None)  # type: ignore[arg-type]
