"""The shipped suites on every Consul there is: one server and three, and in a container."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.contracts import contracts_on
from benchmarks.prove.figure import Figure
from integration.servers.kinds import CONSUL


def figures() -> Iterator[Figure]:
    """All of it in one run, then each suite on each server."""
    return contracts_on(CONSUL)
