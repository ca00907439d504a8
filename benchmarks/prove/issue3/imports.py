"""What importing the Consul store costs, all that it needs of ours and of the standard library included."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping

from benchmarks.prove.children import ROOT
from benchmarks.prove.figure import Figure, at_most, none_of

LIMIT = 60.0
RUNS = 25
PROGRAM = """
import json, sys, time

took = {}
def passed(name, since):
    took[name] = [(now - then) * 1000 for now, then in zip((time.perf_counter(), time.process_time()), since)]
    return time.perf_counter(), time.process_time()

began = since = time.perf_counter(), time.process_time()
import coordination
since = passed("import coordination", since)
import coordination.stores.consul.opening
since = passed("the store beyond that", since)
passed("the store, all in all", began)
coordination.connect("consul://127.0.0.1:1")
since = passed("connect() beyond that: the manager, the same for every store", since)
early = [name for name in ("urllib3", "requests", "http.client") if name in sys.modules]
import coordination.stores.consul.connections
passed("urllib3, loaded by the first request", since)
print(json.dumps({"took": took, "early": early}))
"""


def figures() -> Iterator[Figure]:
    """Fresh interpreters, with compiled files in place."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _loaded(environment)
        runs = [_loaded(environment) for _ in range(RUNS)]
    wall, cpu = ({name: _median(runs, name, which) for name in runs[0]["took"]} for which in (0, 1))
    parts = {name: f"{wall[name]:.1f} ms, of which CPU {cpu[name]:.1f} ms" for name in wall}
    whole = wall["the store, all in all"]
    yield at_most(f"import coordination.stores.consul.opening, median of {RUNS}", LIMIT, whole, "ms", **parts)
    early = sorted({name for run in runs for name in run["early"]})
    name = "HTTP libraries loaded before the first request"
    yield none_of(name, "modules", len(early), "import and connect()", **dict.fromkeys(early, "loaded"))


def _loaded(environment: Mapping[str, str]) -> dict[str, dict[str, list[float]]]:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, dict[str, list[float]]] = json.loads(ran.stdout)
    return said


def _median(runs: list[dict[str, dict[str, list[float]]]], name: str, which: int) -> float:
    return statistics.median(run["took"][name][which] for run in runs)
