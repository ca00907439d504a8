"""What the acquisitions of one lock by many waiters show: gaps, overlaps, the order, and fairness."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue4.waiters import Had


class Timeline:
    """All that anybody had, in the order of the tokens, and the steady part of it."""

    def __init__(self, had: Sequence[Had], began: float, ended: float) -> None:
        self.all = had
        self.steady = [it for it in had if began <= it.since < ended]
        self.seconds = ended - began

    @property
    def gaps(self) -> list[float]:
        """Seconds from the call of `release` to the return of the next `acquire`, ascending."""
        return sorted(after.since - before.until for before, after in itertools.pairwise(self.steady))

    @property
    def overlaps(self) -> int:
        """Acquisitions that returned before the one with the token before it was given up."""
        return sum(after.since < before.until for before, after in itertools.pairwise(self.all))

    @property
    def repeated(self) -> int:
        """Tokens that were given out twice."""
        return len(self.all) - len({it.token for it in self.all})

    @property
    def turns(self) -> Counter[str]:
        """How often each had it in the steady part; 0 for who had it only outside of that."""
        turns = Counter({it.waiter: 0 for it in self.all})
        turns.update(it.waiter for it in self.steady)
        return turns

    @property
    def rate(self) -> float:
        """Acquisitions a second."""
        return len(self.steady) / self.seconds


def percentile(ascending: Sequence[float], part: float) -> float:
    """The least value that so large a part of them does not exceed."""
    return ascending[math.ceil(part * len(ascending)) - 1]


def order(name: str, timeline: Timeline, waiters: int) -> Iterator[Figure]:
    """One at a time, in the order of the tokens, and everybody had it."""
    faults, of = timeline.overlaps + timeline.repeated, f"{len(timeline.all)}"
    yield none_of(f"{name}: two at once, or out of the order of tokens", "faults", faults, of)
    starved = waiters - sum(count > 0 for count in timeline.turns.values())
    yield none_of(f"{name}: starved", "waiters", starved, f"{waiters}")
