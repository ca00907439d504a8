"""How the library's own lock is simulated: the scenarios, their limits, how many schedules of each."""

from __future__ import annotations

from coordination.testing.simulation.fates import Limits
from coordination.testing.simulation.locks import Brief, Crowds, Locks, LongHolds, PlainLocks
from coordination.testing.simulation.many import Plan

DEEP, SHALLOW = 6, 4
"""Choices to which every order of the brief scenario is run: for many schedules, and for few."""

COUNTED = {DEEP: 40_000, SHALLOW: 1_200}
"""At least so many schedules with a crash or a lost answer there are to that depth."""

ALL = Limits(drops=1, cancels=1)
OUTAGES = Limits(answers=0, delays=3, cuts=2, lengths=(3.0, 8.0))
"""Much that is slow and stopped, for those who hold for long."""


def lock_plans(schedules: int = 100_000) -> dict[str, Plan]:
    """So many different schedules with a crash or a lost answer: all to a depth, the rest random."""
    depth = DEEP if schedules > 2 * COUNTED[DEEP] else SHALLOW
    part = 1.07 * (schedules - COUNTED[depth]) / 100  # Some are drawn twice, and in some nothing goes wrong.
    return {
        "every order to a depth": Plan(Brief, Limits(answers=1, delays=0, cuts=0), depth=depth),
        "brief holds": Plan(Brief, ALL, round(27 * part)),
        "all that clients do": Plan(Locks, ALL, round(37 * part)),
        "a store without fast paths": Plan(PlainLocks, ALL, round(11 * part)),
        "crowds in one process": Plan(Crowds, ALL, round(9 * part)),
        "long holds, many mishaps": Plan(LongHolds, ALL, round(8 * part)),
        "long holds, outages": Plan(LongHolds, OUTAGES, round(8 * part)),
    }
