"""How pools are simulated: the scenarios, their limits, how many schedules of each."""

from __future__ import annotations

from coordination.testing.simulation.fates import Limits
from coordination.testing.simulation.many import Plan
from coordination.testing.simulation.pools import PlainPools, Pools

SETTLE = 90.0
"""Seconds at the end: enough for the looks that machines take though nothing told them to."""

POOLED = Limits(drops=1, cancels=1, settle=SETTLE)

POOLED_ALIVE = Limits(crashes=0, drops=1, settle=SETTLE)
"""Nobody crashes or is cancelled, so that more units change hands."""


def pool_plans(schedules: int) -> dict[str, Plan]:
    """About so many different schedules with a crash or a lost answer."""
    part = schedules / 96  # Some are drawn twice, and in some nothing goes wrong.
    return {
        "pools": Plan(Pools, POOLED, round(40 * part)),
        "pools without crashes": Plan(Pools, POOLED_ALIVE, round(40 * part)),
        "pools on a plain store": Plan(PlainPools, POOLED, round(20 * part)),
    }
