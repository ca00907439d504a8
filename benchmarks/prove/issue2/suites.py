"""The shipped suites on every etcd there is: 3.4 and 3.5, alone and as three, and in a container."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.contracts import contracts_on
from benchmarks.prove.figure import Figure
from integration.servers.kinds import ETCD


def figures() -> Iterator[Figure]:
    """All of it in one run, then each suite on each server."""
    return contracts_on(ETCD)
