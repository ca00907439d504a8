"""How soon a holder is told that its lease is gone, or that nobody can say any more."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.prove.figure import Figure, at_most
from benchmarks.prove.issue2.servers import cluster
from benchmarks.prove.taken import told_of
from coordination import connect
from integration.etcd.raw import Raw
from integration.faults.held import Held
from integration.servers.etcd import EtcdCluster

SOON = 0.1
PERIOD = 5.0
LEASES = 10
PAUSES = 3


def taken_away(node: EtcdCluster) -> Iterator[Figure]:
    """etcd's own lease is revoked, or ours stolen."""
    raw = Raw(node.endpoints[0])

    def revoke(held: Held) -> None:
        raw.call("Lease/LeaseRevoke", "LeaseRevoke", ID=int(held.session, 16))

    return told_of(node.url, revoke, SOON)


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
