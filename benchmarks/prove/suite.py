"""Figures that are scenarios, not numbers: the functional suites that show them, run and counted here.

Where a test records what it measured (pytest's `record_property`), the worst of it is told too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.prove.children import ROOT
from benchmarks.prove.figure import Figure, at_most

NAMES = ("tests", "failures", "errors", "skipped")


@dataclass(frozen=True, slots=True)
class Suite:
    """Some tests that belong together, and how many there must be at least."""

    name: str
    at_least: int
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 900.0


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one run. `worst` is the largest of each property that its tests recorded as a number."""

    suite: Suite
    code: int
    counts: dict[str, int]
    worst: dict[str, float]
    complaint: list[str]

    @property
    def passed(self) -> int:
        """Tests that did."""
        return self.counts["tests"] - sum(self.counts[name] for name in NAMES[1:])

    @property
    def good(self) -> bool:
        """All passed, and they were as many as there have to be."""
        return self.code == 0 and self.passed == self.counts["tests"] and self.passed >= self.suite.at_least

    def figure(self) -> Figure:
        """As a line of the report."""
        measured = f"{self.passed} of {self.counts['tests']} passed, {self.counts['skipped']} skipped"
        parts: dict[str, object] = {name: round(worst, 3) for name, worst in self.worst.items()}
        if self.code:
            parts["pytest"] = self.complaint
        return Figure(
            self.suite.name, f"all pass, at least {self.suite.at_least}", measured, self.good, parts
        )

    def at_most(self, name: str, limit: float, recorded: str, unit: str) -> Figure:
        """A limit on what was recorded under a name; a miss if nothing was."""
        if recorded in self.worst:
            return at_most(name, limit, self.worst[recorded], unit)
        return Figure(name, f"<= {limit:g} {unit}", "nothing: the test did not get so far", passed=False)


def run(suite: Suite) -> Ran:
    """Run it in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-o", "junit_family=xunit1", f"--junitxml={report}"]
        ran = subprocess.run(
            [*command, *suite.arguments],
            cwd=ROOT,
            env={**os.environ, **suite.environment},
            capture_output=True,
            text=True,
            timeout=suite.timeout,
            check=False,
        )
        counts, worst = _read(report) if report.exists() else (dict.fromkeys(NAMES, 0), {})
    return Ran(suite, ran.returncode, counts, worst, ran.stdout.strip().splitlines()[-5:])


def _read(report: Path) -> tuple[dict[str, int], dict[str, float]]:
    root = ElementTree.parse(report).getroot()
    suites = [{name: int(suite.get(name, 0)) for name in NAMES} for suite in root.iter("testsuite")]
    recorded: defaultdict[str, list[float]] = defaultdict(list)
    for each in root.iter("property"):
        try:
            value = float(each.get("value", ""))
        except ValueError:
            continue  # not a measurement
        recorded[each.get("name", "")].append(value)
    worst = {name: max(values) for name, values in recorded.items()}
    return {name: sum(suite[name] for suite in suites) for name in NAMES}, worst
