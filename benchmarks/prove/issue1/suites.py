"""Figures that are scenarios, not numbers: the functional suites that show them, run and counted here."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.prove.children import ROOT
from benchmarks.prove.figure import Figure


@dataclass(frozen=True, slots=True)
class Suite:
    """Some tests that belong together, and how many there must be at least."""

    name: str
    at_least: int
    arguments: tuple[str, ...]


SUITES = (
    Suite("contract suite on the memory store", 40, ("tests/stores/test_memory_contract.py",)),
    Suite("contract suite on the file store", 40, ("tests/stores/test_file_contract.py",)),
    Suite("broken stores, each failing a different named test", 8, ("tests/testing/test_broken_stores.py",)),
    Suite(
        "coordination run: TERM ignored, grandchildren, exit 7, terminal, theft, dead store, ^C, kill -9",
        8,
        ("integration/run",),
    ),
    Suite("what needs root: full disk, namespaces", 1, ("-m", "root", "tests", "integration")),
)


def figures() -> Iterator[Figure]:
    """One figure per suite."""
    for suite in SUITES:
        yield _run(suite)


def _run(suite: Suite) -> Figure:
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report.name}", *suite.arguments]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
        counts = _counts(Path(report.name))
    passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    parts = {} if ran.returncode == 0 else {"pytest": ran.stdout.strip().splitlines()[-5:]}
    good = ran.returncode == 0 and passed == counts["tests"] and passed >= suite.at_least
    measured = f"{passed} of {counts['tests']} passed, {counts['skipped']} skipped"
    return Figure(suite.name, f"all pass, at least {suite.at_least}", measured, good, parts)


def _counts(report: Path) -> dict[str, int]:
    names = ("tests", "failures", "errors", "skipped")
    if not report.stat().st_size:
        return dict.fromkeys(names, 0)
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    found = [{name: int(suite.get(name, 0)) for name in names} for suite in suites]
    return {name: sum(each[name] for each in found) for name in names}
