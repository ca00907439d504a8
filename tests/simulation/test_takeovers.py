"""Takeovers by newer versions, as they are, stand every schedule."""

from __future__ import annotations

from collections import Counter

import pytest

from coordination.recipes.leading.candidate import FOLLOWS
from coordination.record import Record
from coordination.testing.simulation import Simulation, World
from coordination.testing.simulation.leader_plans import ALIVE, leader_plans
from coordination.testing.simulation.leader_rules import Acting, LeaderRules
from coordination.testing.simulation.leaders import Chains, Takeovers
from coordination.value import decode

SCHEDULES = 200
"""For each scenario: a second or so."""

PLANS = {name: plan for name, plan in leader_plans(1_000).items() if "takeover" in name}

pytestmark = pytest.mark.untraced


@pytest.mark.parametrize("name", PLANS)
def test_nothing_is_found_in_random_schedules(name: str) -> None:
    """An older version never acts beside a newer one nor after it, however long its work takes to stop."""
    plan = PLANS[name]
    report = Simulation(plan.scenario, plan.limits).random(SCHEDULES, seed=6_000_000)
    report.demand()
    assert report.runs == SCHEDULES
    assert report.distinct > SCHEDULES / 2


class Counting(LeaderRules):
    """Counts takeovers: those of one who was still taking over, and who acts after whom."""

    happened: Counter[str]

    def acts(self, work: Acting) -> None:
        if work.tenure.version > self._acted[0] > 0:
            self.happened["newer after older"] += 1
        super().acts(work)

    def _moved(self, record: Record | None) -> None:
        before = self._record
        if before is not None and record is not None and record.session != before.session:
            follows = [FOLLOWS in decode(it.value).metadata for it in (before, record)]
            self.happened["from a follower" if all(follows) else "taken over" if follows[1] else "led"] += 1
        super()._moved(record)

    def at_end(self, world: World) -> None:
        self.happened["ended"] += 1
        super().at_end(world)


def test_all_of_it_happens() -> None:
    """Newer ones take over and act; some take over from one who is still waiting for another's end."""
    happened: Counter[str] = Counter()
    for kind in (Takeovers, Chains):
        case = type("Case", (Counting, kind), {"happened": happened})
        Simulation(case, ALIVE).random(150).demand()
    assert happened["ended"] == 300
    assert happened["newer after older"] > 50, happened
    assert happened["taken over"] > 50, happened
    assert happened["from a follower"] > 10, happened
