"""How soon a holder is told that its session was destroyed, or its lease stolen."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.issue3.servers import cluster
from benchmarks.prove.taken import told_of
from integration.faults.held import Held

SOON = 0.5


def figures() -> Iterator[Figure]:
    """Consul's session is destroyed by its own API, or ours stolen."""
    with cluster() as node:

        def destroy(held: Held) -> None:
            assert node.ask("PUT", f"/v1/session/destroy/{held.session}") is True

        yield from told_of(node.url, destroy, SOON)
