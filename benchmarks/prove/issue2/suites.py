"""The shipped suites on every etcd there is: 3.4 and 3.5, alone and as three, and in a container.

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
    FleetContract,
    GuardedWritesContract,
    StoreContract,
    contract_tests,
)
from integration.servers.report import FILE
from integration.servers.ways import CONTAINER, variants

SUITES: tuple[type[Any], ...] = (
    StoreContract,
    GuardedWritesContract,
    BatchedRenewalsContract,
    FleetContract,
)
FILES = ("integration/etcd/test_contract.py", "integration/etcd/test_fleet.py")

WORKERS = "5"
"""They wait more than they work."""


def figures() -> Iterator[Figure]:
    """All of it in one run, then each suite on each server."""
    sizes = {suite.__name__: len(contract_tests(suite)) for suite in SUITES}
    servers = variants()
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "ways.jsonl")
        ran = run(
            Suite(
                f"contract and fleet suites on {', '.join(server.name for server in servers)}",
                sum(sizes.values()) * len(servers),
                ("-n", WORKERS, "--dist", "loadgroup", *FILES),
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
    members = f"{found['members']} node{'' if found['members'] == 1 else 's'}"
    return f"etcd {found['version']}, {members}, {found['way']}"
