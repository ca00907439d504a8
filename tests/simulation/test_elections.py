"""Leader election among equals, as it is, stands every schedule."""

from __future__ import annotations

from collections import Counter

import pytest

from coordination.recipes.leading.candidate import SUCCESSOR
from coordination.recipes.leading.tenure import Tenure
from coordination.record import Record
from coordination.testing.simulation import Client, Simulation
from coordination.testing.simulation.leader_plans import ALIVE, leader_plans
from coordination.testing.simulation.leader_rules import Acting
from coordination.testing.simulation.leaders import Elections
from coordination.value import decode

SCHEDULES = 250
"""For each scenario: a second or so."""

PLANS = {name: plan for name, plan in leader_plans(1_000).items() if "election" in name}

pytestmark = pytest.mark.untraced


@pytest.mark.parametrize("name", PLANS)
def test_nothing_is_found_in_random_schedules(name: str) -> None:
    """Never two who may act, tokens rise, nobody waits for what is free, nothing is left behind."""
    plan = PLANS[name]
    report = Simulation(plan.scenario, plan.limits).random(SCHEDULES, seed=5_000_000)
    report.demand()
    assert report.runs == SCHEDULES
    assert report.distinct > SCHEDULES / 2


class Counted(Elections):
    """The scenario, which counts what happens in it."""

    happened: Counter[str]

    def begins(self, client: Client, tenure: Tenure) -> Acting:
        self.happened["led" if tenure.held else "lost before it began"] += 1
        return super().begins(client, tenure)

    def ended(self, work: Acting) -> None:
        self.happened[work.tenure.lost or "ended by itself"] += 1
        super().ended(work)

    def _moved(self, record: Record | None) -> None:
        before = self._record
        if before is not None and record is not None and record.session != before.session:
            heir = decode(before.value).metadata.get(SUCCESSOR)
            self.happened["handed over" if heir == decode(record.value).machine_id else "stolen"] += 1
        super()._moved(record)


def test_all_of_it_happens() -> None:
    """They lead, one after the other; some expire, are closed, or hand over to one who is there."""
    happened: Counter[str] = Counter()
    Simulation(type("Case", (Counted,), {"happened": happened}), ALIVE).random(200).demand()
    assert happened["led"] > 300
    assert happened["ended by itself"] > 200
    assert min(happened[what] for what in ("expired", "closed", "handed over")) > 1, happened
