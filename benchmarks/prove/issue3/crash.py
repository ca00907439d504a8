"""kill -9 of a holder on Consul."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.crash import slowest
from benchmarks.prove.figure import Figure
from benchmarks.prove.issue3.servers import cluster


def figures() -> Iterator[Figure]:
    """Consul lets go of a session up to twice its ttl after it was renewed last, and in fact then."""
    with cluster() as node:
        yield slowest(node.url, 10.0, 21.0, times=10, at_once=10)
