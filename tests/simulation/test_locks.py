"""The library's own lock, as it is, stands every schedule; `make prove ISSUE=4` runs a hundred thousand."""

from __future__ import annotations

import pytest

from coordination.testing.simulation import Simulation
from coordination.testing.simulation.lock_plans import SHALLOW, lock_plans

PLANS = lock_plans()
RANDOM = pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if plan.schedules])
SCHEDULES = 250
"""For each scenario here: a second or so."""


@pytest.mark.untraced
@RANDOM
def test_nothing_is_found_in_random_schedules(name: str) -> None:
    """No two holders, no token out of order, no lost wake-up, nothing left, whatever goes wrong."""
    plan = PLANS[name]
    report = Simulation(plan.scenario, plan.limits).random(SCHEDULES, seed=4_000_000)
    report.demand()
    assert report.runs == SCHEDULES
    assert report.distinct > SCHEDULES / 2


@RANDOM
def test_the_same_seed_is_the_same_schedules(name: str) -> None:
    """So what is found in one of them can be shown again."""
    simulation = Simulation(PLANS[name].scenario, PLANS[name].limits)
    first, again = (simulation.random(30, seed=4_000_000) for _ in range(2))
    assert first.seen == again.seen
    assert first.distinct > 15


@pytest.mark.untraced
@pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if plan.depth])
def test_nothing_is_found_in_any_order_to_a_depth(name: str) -> None:
    """Every order of the first choices, each fault among them."""
    plan = PLANS[name]
    report = Simulation(plan.scenario, plan.limits).exhaust(SHALLOW)
    report.demand()
    assert report.complete
    assert report.distinct > 100
