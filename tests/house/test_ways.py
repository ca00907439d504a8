"""`.ci/ways`, which fails a submission whose suites did not run on real servers, can fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coordination.testing import StoreContract, contract_tests

ROOT = Path(__file__).resolve().parents[2]
SIZE = len(contract_tests(StoreContract))


def ran(way: str, server: str = "etcd", **counts: Any) -> dict[str, Any]:
    """What integration/servers/report.py writes of a suite, all of it passed unless `counts` differ."""
    run = {"server": server, "suite": "StoreContract", "version": "3.4.23", "members": 1, "way": way}
    return {**run, "passed": SIZE, **counts}


CONSUL = (ran("debian", "consul"), ran("container", "consul"))
"""All that is wanted of Consul."""


def judged(folder: Path, *runs: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """The verdict on these runs."""
    file = folder / "ways"
    file.write_text("".join(f"{json.dumps(run)}\n" for run in runs), encoding="utf-8")
    command = [sys.executable, str(ROOT / ".ci" / "ways"), str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("process", ["binary", "debian"])
def test_both_ways_in_full_are_enough(tmp_path: Path, process: str) -> None:
    """Processes, wherever their binary is from, and a container of each kind: it passes and names them."""
    runs = [ran(way, kind) for kind in ("etcd", "consul") for way in (process, "container")]
    verdict = judged(tmp_path, *runs)
    assert verdict.returncode == 0
    assert verdict.stdout.splitlines() == [
        f"{run['server']} 3.4.23, members: 1, way: {run['way']}: "
        f"StoreContract: {SIZE} passed, all {SIZE} of the suite"
        for run in runs
    ]


@pytest.mark.parametrize(
    ("runs", "missing"),
    [
        ([], "as processes and none on etcd in a container"),
        ([ran("debian")], "in a container"),
        ([ran("container"), ran("given")], "as processes"),
        ([ran("debian"), ran("container", passed=SIZE - 1)], "in a container"),
        ([ran("debian"), ran("container", skipped=1)], "in a container"),
        ([ran("debian", failed=1), ran("container")], "as processes"),
        ([ran("debian"), ran("container", suite="GuardedWritesContract")], "in a container"),
        ([ran("debian"), ran("container", "other")], "in a container"),
    ],
)
def test_less_is_not(tmp_path: Path, runs: list[dict[str, Any]], missing: str) -> None:
    """A way that did not run, not the whole suite, or another suite: it fails and says which is missing."""
    verdict = judged(tmp_path, *CONSUL, *runs)
    assert verdict.returncode == 1
    assert verdict.stderr.endswith(f"no full StoreContract ({SIZE} tests) on etcd {missing}\n")


@pytest.mark.parametrize("missing", CONSUL, ids=["as processes", "in a container"])
def test_one_kind_does_not_stand_for_the_other(tmp_path: Path, missing: dict[str, Any]) -> None:
    """Everything on etcd, and Consul in one way only: it fails and says which is missing."""
    runs = [run for run in (ran("debian"), ran("container"), *CONSUL) if run is not missing]
    verdict = judged(tmp_path, *runs)
    assert verdict.returncode == 1
    how = "as processes" if missing["way"] == "debian" else "in a container"
    assert verdict.stderr.endswith(f"on consul {how}\n")
