"""Eight processes race for an expired lease on files, with and without delays between the system calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.prove.figure import Figure
from benchmarks.prove.race import PROCESSES, Outcome, race
from coordination import connect

ROUNDS = 300


class Leases:
    """Our file store, as the race sees it."""

    def __init__(self, folder: Path) -> None:
        # Delays make a turn long, and eight wait for theirs: a wait is no failure here.
        self.manager = connect(folder.as_uri(), timeout=120)

    def expire(self, name: str) -> int:
        """Hold it for 50 ms and let it expire."""
        lease = self.manager.acquire_lease(name, period=0.05)
        assert lease is not None
        time.sleep(0.06)
        return lease.token

    def acquire(self, name: str) -> int | None:
        """One shot."""
        lease = self.manager.acquire_lease(name, period=120)
        return None if lease is None else lease.token


def figures() -> Iterator[Figure]:
    """Without delays, then with 0 to 30 ms."""
    yield _judged("without delays", race(Leases, ROUNDS))
    yield _judged("with 0-30 ms between system calls", race(Leases, ROUNDS, delay=0.03, groups=10))


def _judged(how: str, outcome: Outcome) -> Figure:
    found = {
        "double winners": outcome.double,
        "rounds with a repeated token": outcome.repeated,
        "rounds without a winner": outcome.nobody,
    }
    return Figure(
        name=f"takeover race, {PROCESSES} processes, {how}",
        target="0 double winners, 0 repeated tokens",
        measured=f"{outcome.double} and {outcome.repeated} in {outcome.rounds} rounds",
        passed=outcome.rounds == ROUNDS and not any(found.values()),
        parts={**found, "seconds": round(outcome.seconds, 1)},
    )
