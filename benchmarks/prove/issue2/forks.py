"""Two hundred forks while leases are kept, watched, acquired and written under."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.prove.children import ROOT
from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue2.servers import cluster

FORKS = 200
PATIENCE = 600.0


def figures() -> Iterator[Figure]:
    """What the program of the tests says, with as many forks as asked for."""
    with cluster() as node:
        command = [sys.executable, "-m", "integration.faults.forking", node.url, str(FORKS)]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if ran.returncode:
        raise RuntimeError(f"the program that forks failed: {ran.stderr[-2000:]}")
    found = json.loads(ran.stdout)
    statuses = found["statuses"]
    fine = statuses.get("0", 0)
    yield none_of("children of fork that hung", "children", statuses.get("None", 0), f"{FORKS}", **statuses)
    name = "children that held nothing, connected anew, acquired and released"
    yield Figure(name, f"{FORKS}", f"{fine}", fine == FORKS)
    load = {"calls of the parent meanwhile": found["load"], "longest fork, s": found["longest_fork"]}
    load["told of a theft after all forks, s"] = found["told_of_steal_after"]
    kept = "kept" if found["kept"] else "lost"
    yield Figure("the parent's lease and token", "kept", kept, found["kept"], load)
    untyped = sum(times for outcome, times in found["load"].items() if outcome.startswith("UNTYPED"))
    yield none_of("untyped errors of its calls", "errors", untyped, f"{sum(found['load'].values())} calls")
