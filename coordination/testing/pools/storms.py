"""Many machines, many at once: each unit has one owner at a time, and none is forgotten (D8)."""

from __future__ import annotations

from functools import partial

from coordination.pool import Pool
from coordination.testing.pools.scene import Scene, names, numbered
from coordination.testing.racing import race
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.crowds import Inside
from coordination.testing.recipes.harness import PATIENCE, RecipeHarness

UNITS, CALLERS, ROUNDS = 6, 3, 8
"""Of a storm: fewer units than those who want one, each of whom has one so many times."""


class StormCases(Recipes):
    """N workers, M units."""

    def test_a_unit_is_never_owned_twice(self, harness: RecipeHarness) -> None:
        """Nine callers on three machines, at once, for six units: one at a time each, and tokens rise."""
        scene = Scene(harness, *numbered(UNITS))
        inside = {name: Inside() for name in numbered(UNITS)}

        def use(pool: Pool, verb: str) -> None:
            for _ in range(ROUNDS):
                unit = pool.obtain() if verb == "obtain" else pool.wait_obtain(PATIENCE)
                if unit is None:
                    continue
                inside[unit.name].visit(unit)
                assert unit.release() is True

        pools = scene.pools(3)
        verbs = ["wait_obtain"] * (CALLERS - 1) + ["obtain"]
        race([partial(use, pool, verb) for pool in pools for verb in verbs])
        visits = [visited for it in inside.values() for visited in it.tokens]
        assert len(visits) >= 3 * (CALLERS - 1) * ROUNDS
        for visited in inside.values():
            assert visited.tokens == sorted(set(visited.tokens))
        scene.only_definitions_left()

    def test_d8_all_units_are_taken_and_survivors_take_a_dead_ones(self, harness: RecipeHarness) -> None:
        """D8: three machines, 24 units, claimed at once, one owner each; one dies, the others have all."""
        scene = Scene(harness, *numbered(24))
        store = harness.faulty()
        dead = scene.pool(harness.manager("dead", store), ttl=harness.brief)
        one, two = scene.pools(2)
        owned = race([partial(pool.claim, 8) for pool in (one, two, dead)])
        assert [len(units) for units in owned] == [8, 8, 8]
        assert sorted(names([unit for units in owned for unit in units])) == numbered(24)
        lost = owned[2]
        store.cut()

        def all_taken() -> bool:
            return len(one.claim(12)) + len(two.claim(12)) == 24

        scene.outlast(all_taken, "the survivors have them all")
        assert not any(unit.held for unit in lost)
        assert sorted(names([*one.owned(), *two.owned()])) == numbered(24)
        now = scene.owners()
        assert all(now[unit.name] > unit.token for unit in lost)
        assert all(now[unit.name] == unit.token for units in owned[:2] for unit in units)

    def test_machines_that_come_and_go_share_without_a_clash(self, harness: RecipeHarness) -> None:
        """Five balance, join, drain and die in turn: at no look do two hold one unit, and all are owned."""
        units = numbered(15)
        scene = Scene(harness, *units)
        machines = [scene.machine(name) for name in ("m1", "m2")]
        race([machine.balance for machine in machines])
        scene.settled(machines, units)
        machines.append(scene.machine("m3"))
        machines[2].balance()
        leaves = machines.pop(0)
        drained = harness.begin(leaves.pool, "drain")
        scene.settled(machines, units)
        assert scene.answer(drained) == 0
        store = harness.faulty()
        dies = scene.machine("m4", store=store, ttl=harness.brief)
        dies.balance()
        scene.settled([*machines, dies], units)
        store.cut()
        leaves.balance()
        scene.outlast(lambda: not dies.owned(), "it is dead")
        scene.settled([*machines, leaves], units)
