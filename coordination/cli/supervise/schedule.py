"""When to end a group whose lease is not being confirmed: arithmetic only.

    last confirmed renewal                                                      deadline
    |--- heartbeats, each would move everything to the right ---|- grace -|- margin -|
                                                                TERM      KILL

`held` turns false at deadline - margin, and by then nothing of the group may run; KILL goes out a
lead earlier, because a busy machine wakes us late.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordination.timing import margin

LEAD = 0.05
"""Seconds by which KILL precedes the end of belief, unless the margin is tiny."""

SHARE = 1 / 4
"""The largest part of the believed period that may be grace. A renewal is sent by a third of the
period, may hang for a quarter and is sent again within a twelfth: TERM comes only after that."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Points on the lease's clock. A confirmed renewal makes a new schedule."""

    term: float
    kill: float
    belief_ends: float


def schedule(deadline: float, granted: float, grace: float) -> Schedule:
    """For a lease granted for `granted` seconds, up to `deadline`. `grace` is capped at `SHARE`."""
    slack = margin(granted)
    belief_ends = deadline - slack
    kill = belief_ends - min(LEAD, slack / 4)
    return Schedule(
        term=kill - min(grace, SHARE * (granted - slack)),
        kill=kill,
        belief_ends=belief_ends,
    )
