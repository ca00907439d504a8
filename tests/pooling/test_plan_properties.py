"""What holds of every plan, with random pools, and against plans found by trying them all."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.pooling.plan import plan

pytestmark = pytest.mark.untraced  # hundreds of plans, whose lines test_plan.py covers

EVERY = pytest.mark.parametrize("by", ["count", "weight"])
PATIENT = settings(deadline=None)
MACHINES = ["m0", "m1", "m2", "m3", "m4", "m5"]


@dataclass(frozen=True)
class Pool:
    """Weights, owners (also dead ones, also of units that are gone) and the machines that live."""

    units: dict[str, float]
    owners: dict[str, str]
    machines: list[str]

    @property
    def live(self) -> dict[str, str]:
        """Who of the living has which of the units."""
        return {u: m for u, m in self.owners.items() if m in self.machines and u in self.units}

    def plan(self, by: str = "count") -> dict[str, str]:
        return plan(self.units, self.owners, self.machines, by=by)

    def shuffled(self, seed: int) -> Pool:
        """The same pool, listed in another order."""
        chance = random.Random(seed)
        mixed = (chance.sample(sorted(part), len(part)) for part in (self.units, self.owners, self.machines))
        units, owners, machines = mixed
        return Pool({u: self.units[u] for u in units}, {u: self.owners[u] for u in owners}, machines)

    def moved(self, planned: dict[str, str]) -> int:
        """How many units somebody alive has to give up."""
        return sum(planned[unit] != machine for unit, machine in self.live.items())

    def spread(self, owners: dict[str, str]) -> float:
        """The highest weight of a machine minus the lowest."""
        loads = dict.fromkeys(self.machines, 0.0)
        for unit, machine in owners.items():
            loads[machine] += self.units[unit]
        return max(loads.values()) - min(loads.values())


@st.composite
def pools(draw: st.DrawFn, most: int = 40) -> Pool:
    """Up to `most` units with weights in tenths, which floats only come close to."""
    names = [f"u{number:02}" for number in range(draw(st.integers(0, most)))]
    machines = draw(st.lists(st.sampled_from(MACHINES), min_size=1, unique=True))
    owner = st.one_of(st.none(), st.just("dead"), st.sampled_from(MACHINES))
    owned = [(name, draw(owner)) for name in [*names, "gone"]]
    units = {name: draw(st.integers(1, 12)) / 10 for name in names}
    return Pool(units, {unit: who for unit, who in owned if who is not None}, machines)


@EVERY
@PATIENT
@given(pool=pools())
def test_every_unit_has_a_live_machine(by: str, pool: Pool) -> None:
    """All units, nothing but the units, and nobody who is gone."""
    planned = pool.plan(by)
    assert set(planned) == set(pool.units)
    assert set(planned.values()) <= set(pool.machines)


@EVERY
@PATIENT
@given(pool=pools(), seed=st.integers())
def test_the_order_of_what_is_listed_does_not_matter(by: str, pool: Pool, seed: int) -> None:
    """Machines that list in different orders must not plan against each other."""
    assert pool.shuffled(seed).plan(by) == pool.plan(by)


@EVERY
@PATIENT
@given(pool=pools())
def test_a_plan_that_is_done_plans_nothing_more(by: str, pool: Pool) -> None:
    """Otherwise a pool at rest would not be."""
    planned = pool.plan(by)
    assert Pool(pool.units, planned, pool.machines).plan(by) == planned


@PATIENT
@given(pool=pools())
def test_by_count_loads_differ_by_one_at_most(pool: Pool) -> None:
    """Over all live machines, those without a unit too."""
    loads = Counter(dict.fromkeys(pool.machines, 0))
    loads.update(pool.plan().values())
    assert max(loads.values()) - min(loads.values()) <= 1


@PATIENT
@given(pool=pools())
def test_by_count_no_fewer_moves_would_do(pool: Pool) -> None:
    """Of all choices of who may have one more, the one with the least to give up: free units cost none."""
    share, more = divmod(len(pool.units), len(pool.machines))
    loads = Counter(pool.live.values())
    surplus = {machine: max(0, loads[machine] - share) for machine in pool.machines}
    fewest = min(
        sum(max(0, over - (machine in lucky)) for machine, over in surplus.items())
        for lucky in combinations(pool.machines, more)
    )
    assert pool.moved(pool.plan()) == fewest


@settings(max_examples=40, deadline=None)
@given(pool=pools(most=6))
def test_by_count_no_other_plan_is_better(pool: Pool) -> None:
    """All assignments of few units to few machines, tried out: none as even moves fewer."""
    pool = Pool(pool.units, pool.owners, pool.machines[:3])
    fewest = len(pool.units)
    for choice in product(pool.machines, repeat=len(pool.units)):
        loads = [choice.count(machine) for machine in pool.machines]
        if max(loads) - min(loads) <= 1:
            fewest = min(fewest, pool.moved(dict(zip(pool.units, choice, strict=True))))
    assert pool.moved(pool.plan()) == fewest


@PATIENT
@given(pool=pools(), data=st.data())
def test_by_count_doing_a_part_leaves_the_rest_as_planned(pool: Pool, data: st.DataObject) -> None:
    """Everybody does its part at its own pace, some units are on their way without an owner: same plan."""
    planned = pool.plan()
    done = dict(pool.owners)
    for unit in planned:
        match data.draw(st.sampled_from(["as it was", "on its way", "arrived"])):
            case "on its way" if done.get(unit) != planned[unit]:
                done.pop(unit, None)
            case "arrived":
                done[unit] = planned[unit]
    assert Pool(pool.units, done, pool.machines).plan() == planned


@PATIENT
@given(pool=pools(), data=st.data())
def test_by_count_a_change_costs_what_it_must(pool: Pool, data: st.DataObject) -> None:
    """Settled, then a machine joins: only it gets units. Then a unit is removed: one moves at most."""
    settled = Pool(pool.units, pool.plan(), pool.machines)
    joined = Pool(pool.units, settled.owners, [*pool.machines, "new"])
    planned = joined.plan()
    assert {m for u, m in planned.items() if m != settled.owners[u]} <= {"new"}
    assert joined.moved(planned) == len(pool.units) // len(joined.machines)
    if not pool.units:
        return
    removed = data.draw(st.sampled_from(sorted(pool.units)))
    left = {unit: weight for unit, weight in pool.units.items() if unit != removed}
    fewer = Pool(left, planned, joined.machines)
    assert fewer.moved(fewer.plan()) <= 1


@PATIENT
@given(pool=pools())
def test_by_weight_moves_lower_the_spread_or_are_not_made(pool: Pool) -> None:
    """With every unit owned by somebody alive: if any moves, less is between the highest and lowest load."""
    owned = Pool({unit: pool.units[unit] for unit in pool.live}, pool.live, pool.machines)
    planned = owned.plan("weight")
    if owned.moved(planned):
        assert owned.spread(planned) < owned.spread(owned.owners) - 0.05
    else:
        assert planned == owned.owners


@PATIENT
@given(pool=pools())
def test_by_weight_equal_weights_differ_by_one_unit_at_most(pool: Pool) -> None:
    """Units that weigh the same are shared as by count, also with a weight that no float is."""
    alike = Pool(dict.fromkeys(pool.units, 0.1), pool.owners, pool.machines)
    assert alike.spread(alike.plan("weight")) <= 0.1 + 1e-9


@settings(max_examples=60, deadline=None)
@given(pool=pools(most=7))
def test_by_weight_free_units_keep_grahams_bound(pool: Pool) -> None:
    """The highest load is at most 4/3 - 1/3m of the lowest possible, found by trying all assignments."""
    machines = pool.machines[:3]
    free = Pool(pool.units, {}, machines)

    def highest(planned: dict[str, str]) -> float:
        return max(sum(w for u, w in pool.units.items() if planned[u] == machine) for machine in machines)

    every = product(machines, repeat=len(pool.units))
    best = min(highest(dict(zip(pool.units, choice, strict=True))) for choice in every)
    assert highest(free.plan("weight")) <= best * (4 / 3 - 1 / (3 * len(machines))) + 1e-9
