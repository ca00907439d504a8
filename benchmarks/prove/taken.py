"""How soon a holder is told that its lease was taken away: revoked by an operator, stolen by a manager."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.prove.figure import Figure, at_most
from coordination import Manager, connect
from integration.faults.held import Held

TRIES = 20

Taking = Callable[[Held], None]


def told_of(url: str, revoke: Taking, soon: float) -> Iterator[Figure]:
    """The slowest of some tries of each; `revoke` ends the lease behind everybody's back, `soon` is in s."""
    with connect(url) as holder, connect(url) as other:
        for kind, take in (("revoked", revoke), ("stolen", _stealing(other))):
            took = [_told_after(take, holder, f"{kind}-{number}") for number in range(TRIES)]
            since_asked = sorted(asked for _, asked in took)
            name = f"lease {kind}: holder told after it was, worst of {TRIES}"
            parts = {
                "worst, counted from the request, ms": round(since_asked[-1], 1),
                "median, counted from the request, ms": round(since_asked[TRIES // 2], 1),
            }
            yield at_most(name, soon * 1000, max(answered for answered, _ in took), "ms", **parts)


def _stealing(manager: Manager) -> Taking:
    def steal(held: Held) -> None:
        stolen = manager.steal_lease(held.lease.name, "thief", 0, 30.0, held.lease.index)
        assert stolen is not None

    return steal


def _told_after(take: Taking, holder: Manager, name: str) -> tuple[float, float]:
    """Milliseconds until the holder was told: since the taking was answered, and since it was asked for."""
    held = Held(holder, name, period=30.0)
    time.sleep(0.2)  # so that it is the watch that tells of it, and not a beat
    asked = time.time()
    take(held)
    answered = time.time()
    at, reason = held.told.get(timeout=30.0)
    assert reason in ("revoked", "stolen"), reason
    assert not held.lease.held
    return max(0.0, at - answered) * 1000, (at - asked) * 1000
