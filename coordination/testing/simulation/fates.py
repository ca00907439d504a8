"""What may go wrong in a simulated world, and how often within one schedule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What becomes of somebody's turn."""

    RUN = "goes on"
    APPLIED = "is applied, its answer is lost"
    LOST = "is lost on its way"
    LATE = "is given up, and applied later"
    REFUSED = "is refused"
    LINGER = "is applied, its answer is heard of later"
    SLOW = "is applied, its answer is slow"
    CRASH = "crashes"
    FREEZE = "is stopped for a while"
    STALL = "comes late"
    CUT = "is cut off from the store for a while"
    DROP = "is never told"
    CANCEL = "is cancelled"


ANSWERS = (Fate.APPLIED, Fate.LOST, Fate.LATE, Fate.REFUSED)
"""Those that cost a request its answer."""

COUNTED = frozenset({Fate.APPLIED, Fate.LOST, Fate.LATE, Fate.CRASH})
"""A schedule without any of these is checked, but not counted."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may go wrong in one schedule, and how long it may take. Times in true seconds.

    `answers` may be lost (applied, not applied, or applied later) or refused. `delays` are slow answers,
    answers that others overtake, clients stopped as by SIGSTOP, and single turns that come late. In
    `cuts` no request of a client comes through, and no watch tells it anything. Each lasts for one of
    `lengths`. `drops` are notifications that never arrive; `cancels` strike what was started as
    cancellable. Each client's clock runs at a rate of 1 - `skew`, 1, or 1 + `skew`. `settle` is how long
    the world goes on, without further faults, after everybody has finished; `steps` and `seconds`
    bound a schedule that does not end.
    """

    crashes: int = 1
    answers: int = 2
    delays: int = 2
    cuts: int = 1
    drops: int = 0
    cancels: int = 0
    lengths: tuple[float, ...] = (0.5, 3.0, 8.0)
    skew: float = 0.0499
    settle: float = 40.0
    seconds: float = 1_000.0
    steps: int = 5_000
