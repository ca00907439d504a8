"""How leader election is simulated: the scenarios, their limits, how many schedules of each."""

from __future__ import annotations

from coordination.testing.simulation.fates import Limits
from coordination.testing.simulation.leaders import (
    Chains,
    Elections,
    PlainElections,
    PlainTakeovers,
    Takeovers,
)
from coordination.testing.simulation.lock_plans import ALL
from coordination.testing.simulation.many import Plan

ALIVE = Limits(crashes=0, drops=1)
"""Nobody crashes or is cancelled, so that more of them come to what they want to do."""

LONG = Limits(answers=1, delays=3, cuts=1, drops=1, lengths=(3.0, 8.0))
"""Much that is slow and stopped."""


def leader_plans(schedules: int) -> dict[str, Plan]:
    """About so many different schedules with a crash or a lost answer."""
    part = schedules / 96  # Some are drawn twice, and in some nothing goes wrong.
    return {
        "elections": Plan(Elections, ALL, round(15 * part)),
        "elections without crashes": Plan(Elections, ALIVE, round(13 * part)),
        "elections on a plain store": Plan(PlainElections, ALL, round(13 * part)),
        "takeovers": Plan(Takeovers, ALL, round(18 * part)),
        "takeovers without crashes": Plan(Takeovers, ALIVE, round(15 * part)),
        "takeovers on a plain store": Plan(PlainTakeovers, ALL, round(14 * part)),
        "chains of takeovers": Plan(Chains, ALIVE, round(7 * part)),
        "chains of takeovers, much that is slow": Plan(Chains, LONG, round(5 * part)),
    }
