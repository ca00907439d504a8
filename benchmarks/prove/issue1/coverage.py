"""Branch coverage of the package, as the last `make test` measured it, subprocesses included."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from benchmarks.prove.children import ROOT
from benchmarks.prove.figure import Figure

TARGET = 95.0


def figures() -> Iterator[Figure]:
    """One figure; without a report of `make test` it is a miss that says so."""
    name, target = "coverage of coordination/, branches included", f">= {TARGET:g} %"
    report = ROOT / ".covered.json"
    if not report.exists():
        yield Figure(name, target, "no report: run `make test` first", passed=False)
        return
    totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
    percent = totals["percent_covered"]
    parts = {
        "statements": f"{totals['covered_lines']} of {totals['num_statements']}",
        "branches": f"{totals['covered_branches']} of {totals['num_branches']}",
        "minutes since make test": round((time.time() - report.stat().st_mtime) / 60),
    }
    yield Figure(name, target, f"{percent:.2f} %", percent >= TARGET, parts)
