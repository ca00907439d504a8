"""Pools, as they are, stand every schedule."""

from __future__ import annotations

from collections import Counter

import pytest

from coordination.pooling.ownership import Ownership
from coordination.sharing.place import Place
from coordination.testing.simulation import Client, Simulation, World
from coordination.testing.simulation.pool_plans import POOLED_ALIVE, pool_plans
from coordination.testing.simulation.pools import Pools

SCHEDULES = 250
"""For each scenario: a second or so."""

PLANS = pool_plans(1_000)

pytestmark = pytest.mark.untraced


@pytest.mark.parametrize("name", PLANS)
def test_nothing_is_found_in_random_schedules(name: str) -> None:
    """A unit is never owned by two, and in the end by somebody; shares are fair; nothing is left behind."""
    plan = PLANS[name]
    report = Simulation(plan.scenario, plan.limits).random(SCHEDULES, seed=7_000_000)
    report.demand()
    assert report.runs == SCHEDULES
    assert report.distinct > SCHEDULES / 2


class Counted(Pools):
    """The scenario, which counts what happens in it."""

    happened: Counter[str]

    def obtained(self, ownership: Ownership) -> None:
        self.happened["obtained by hand"] += 1
        super().obtained(ownership)

    def _won(self, client: Client, place: Place) -> None:
        self.happened["changed hands" if place.key in self._tokens else "owned"] += 1
        super()._won(client, place)

    def at_end(self, world: World) -> None:
        self.happened.update({"removed": len(self.removed)})
        self.happened[f"{len(self._alive())} machines balance in the end"] += 1
        super().at_end(world)


def test_all_of_it_happens() -> None:
    """Units are owned, change hands and are removed; in the end one, two or all three machines balance."""
    happened: Counter[str] = Counter()
    Simulation(type("Case", (Counted,), {"happened": happened}), POOLED_ALIVE).random(200).demand()
    assert happened["owned"] > 300
    assert happened["changed hands"] > 100, happened
    assert happened["obtained by hand"] > 20, happened
    assert happened["removed"] > 10, happened
    assert min(happened[f"{machines} machines balance in the end"] for machines in (1, 2, 3)) > 3, happened
