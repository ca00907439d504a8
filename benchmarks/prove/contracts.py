"""The shipped suites on every server of a kind that there is: all in one run, then each suite told apart.

A container only where an engine answers; `.ci/run` brings one of its own and demands that way.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run
from coordination.testing import (
    BatchedRenewalsContract,
    DeparturesContract,
    FleetContract,
    GuardedWritesContract,
    ProofsContract,
    QueuesContract,
    StoreContract,
    contract_tests,
)
from integration.servers.kinds import Kind
from integration.servers.report import FILE
from integration.servers.ways import CONTAINER, variants

SUITES: tuple[type[Any], ...] = (
    StoreContract,
    GuardedWritesContract,
    BatchedRenewalsContract,
    QueuesContract,
    DeparturesContract,
    ProofsContract,
    FleetContract,
)
LACKING = {("consul", DeparturesContract)}
"""What a store does not offer, so that there is nothing to run; `StoreContract` fails if it does offer it."""

TESTS = ("test_contract.py", "test_fleet.py")

WORKERS = "5"
"""They wait more than they work."""


def contracts_on(kind: Kind) -> Iterator[Figure]:
    """What integration/KIND runs of them."""
    offered = [suite for suite in SUITES if (kind.name, suite) not in LACKING]
    sizes = {suite.__name__: len(contract_tests(suite)) for suite in offered}
    servers = variants(kind)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "ways.jsonl")
        ran = run(
            Suite(
                f"contract and fleet suites on {kind.name}: {', '.join(server.name for server in servers)}",
                sum(sizes.values()) * len(servers),
                (
                    *("-n", WORKERS, "--dist", "loadgroup"),
                    *(f"integration/{kind.name}/{file}" for file in TESTS),
                ),
                {FILE: str(told)},
            )
        )
        runs = [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []
    yield ran.figure()
    for name, size in sizes.items():
        full = sorted(
            _where(found) for found in runs if found["suite"] == name and found.get("passed") == size
        )
        parts = dict.fromkeys(full, f"{size} passed")
        if CONTAINER not in servers:
            parts["container"] = "no engine answers here"
        measured = f"{len(full)} of {len(servers)} servers"
        yield Figure(f"{name} in full", f"on each, {size} tests", measured, len(full) == len(servers), parts)


def _where(found: dict[str, Any]) -> str:
    members = f"{found['members']} member{'' if found['members'] == 1 else 's'}"
    return f"{found['server']} {found['version']}, {members}, {found['way']}"
