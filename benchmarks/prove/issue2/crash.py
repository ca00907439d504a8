"""kill -9 of a holder on etcd."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.crash import slowest
from benchmarks.prove.figure import Figure
from benchmarks.prove.issue2.servers import cluster


def figures() -> Iterator[Figure]:
    """etcd looks for expired leases every half second, so this takes a little longer than the period."""
    with cluster() as node:
        yield slowest(node.url, 10.0, 11.0, times=12, at_once=6)
