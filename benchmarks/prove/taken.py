"""How soon a holder is told that what it holds was taken away: revoked by an operator, stolen, broken."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from benchmarks.prove.figure import Figure, at_most
from coordination import Manager, connect
from integration.faults.held import Held

TRIES = 20
GONE = ("revoked", "stolen", "broken")

Taking = Callable[[Held], None]


class Told(Protocol):
    """Something held, and what its holder is told of it: the wall clock's time, and the reason."""

    told: queue.SimpleQueue[tuple[float, str]]

    @property
    def held(self) -> bool:
        """Whether its holder still believes in it."""
        ...


Something = TypeVar("Something", bound=Told)


def told_of(url: str, revoke: Taking, soon: float) -> Iterator[Figure]:
    """The slowest of some tries of each; `revoke` ends the lease behind everybody's back, `soon` is in s."""
    with connect(url) as holder, connect(url) as other:
        for kind, take in (("revoked", revoke), ("stolen", _stealing(other))):
            yield slowest(f"lease {kind}", lambda name: Held(holder, name, period=30.0), take, soon)


def slowest(
    what: str, hold: Callable[[str], Something], take: Callable[[Something], None], soon: float
) -> Figure:
    """Of some tries; `hold` has something by a name of its own, and `take` takes it away."""
    took = [_told_after(take, hold(f"{what} {number}")) for number in range(TRIES)]
    since_asked = sorted(asked for _, asked in took)
    parts = {
        "worst, counted from the request, ms": round(since_asked[-1], 1),
        "median, counted from the request, ms": round(since_asked[TRIES // 2], 1),
    }
    name = f"{what}: holder told after it was, worst of {TRIES}"
    return at_most(name, soon * 1000, max(answered for answered, _ in took), "ms", **parts)


def _stealing(manager: Manager) -> Taking:
    def steal(held: Held) -> None:
        stolen = manager.steal_lease(held.lease.name, "thief", 0, 30.0, held.lease.index)
        assert stolen is not None

    return steal


def _told_after(take: Callable[[Something], None], held: Something) -> tuple[float, float]:
    """Milliseconds until the holder was told: since the taking was answered, and since it was asked for."""
    time.sleep(0.2)  # so that it is the watch that tells of it, and not a beat
    asked = time.time()
    take(held)
    answered = time.time()
    at, reason = held.told.get(timeout=30.0)
    assert reason in GONE, reason
    assert not held.held
    return max(0.0, at - answered) * 1000, (at - asked) * 1000
