"""How soon a holder is told that its lease is gone, or that nobody can say any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.prove.figure import Figure, at_most
from benchmarks.prove.issue2.servers import cluster
from coordination import Manager, connect
from integration.etcd.held import Held
from integration.etcd.raw import Raw
from integration.servers.etcd import EtcdCluster

TRIES = 20
SOON = 0.1
PERIOD = 5.0
LEASES = 10
PAUSES = 3


def _revoked(node: EtcdCluster, manager: Manager) -> Callable[[Held], None]:
    raw = Raw(node.endpoints[0])

    def revoke(held: Held) -> None:
        raw.call("Lease/LeaseRevoke", "LeaseRevoke", ID=int(held.session, 16))

    return revoke


def _stolen(node: EtcdCluster, manager: Manager) -> Callable[[Held], None]:
    def steal(held: Held) -> None:
        stolen = manager.steal_lease(held.lease.name, "thief", 0, 30.0, held.lease.index)
        assert stolen is not None

    return steal


def told_after(take: Callable[[Held], None], holder: Manager, name: str) -> tuple[float, float]:
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


def taken_away(node: EtcdCluster) -> Iterator[Figure]:
    """Revoked by an operator, stolen by another manager."""
    with connect(node.url) as holder, connect(node.url) as other:
        for kind in (_revoked, _stolen):
            take = kind(node, other)
            took = [told_after(take, holder, f"{kind.__name__}-{number}") for number in range(TRIES)]
            since_asked = sorted(asked for _, asked in took)
            name = f"lease {kind.__name__.strip('_')}: holder told after it was, worst of {TRIES}"
            parts = {
                "worst, counted from the request, ms": round(since_asked[-1], 1),
                "median, counted from the request, ms": round(since_asked[TRIES // 2], 1),
            }
            yield at_most(name, SOON * 1000, max(answered for answered, _ in took), "ms", **parts)


def falls_silent(node: EtcdCluster) -> Figure:
    """SIGSTOP of the server, while leases of different ages are kept."""
    late: list[float] = []
    for turn in range(PAUSES):
        with connect(node.url) as holder:
            kept = []
            for number in range(LEASES):
                kept.append(Held(holder, f"silent-{turn}-{number}", PERIOD))
                time.sleep(PERIOD / 3 / LEASES)
            node.members[0].pause()
            try:
                told = [held.told.get(timeout=3 * PERIOD) for held in kept]
            finally:
                node.members[0].resume()
        assert {reason for _, reason in told} == {"expired"}
        late += [at - held.lease.renewed_at for (at, _), held in zip(told, kept, strict=True)]
    name = f"server stopped (SIGSTOP), period {PERIOD:g} s: told after the last good renewal"
    return at_most(name, PERIOD, max(late), "s", earliest=round(min(late), 3), leases=len(late))


def figures() -> Iterator[Figure]:
    """Taken away, then silence."""
    with cluster() as node:
        yield from taken_away(node)
        yield falls_silent(node)
