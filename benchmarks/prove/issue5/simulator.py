"""The simulator: schedules of election, version takeover and pools, and whether it finds every seeded bug."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue5.talk import progress
from coordination.testing.simulation.leader_plans import leader_plans
from coordination.testing.simulation.many import Plan, explored
from coordination.testing.simulation.pool_plans import pool_plans
from coordination.testing.simulation.report import Report
from tests.simulation.leader_bugs import LEADER_BUGS
from tests.simulation.pool_bugs import POOL_BUGS

LEADERS, POOLS = 20_000, 10_000
"""Different schedules, each with a crash or a lost answer."""

BUGS = {**LEADER_BUGS, **POOL_BUGS}
WITHIN = 6_000
"""Schedules of its scenario within which a bug has to be found."""


def figures() -> Iterator[Figure]:
    """As they are, and then with each bug."""
    yield from as_they_are("election and version takeover", LEADERS, leader_plans(LEADERS))
    yield from as_they_are("pools", POOLS, pool_plans(POOLS))
    yield from with_bugs()


def as_they_are(what: str, least: int, plans: Mapping[str, Plan]) -> Iterator[Figure]:
    """In two processes, counted over all scenarios."""
    progress(f"{least} schedules of {what}")
    began = time.monotonic()
    reports: dict[str, Report] = dict(zip(plans, explored(plans.values()), strict=True))
    took = time.monotonic() - began
    distinct = sum(report.distinct for report in reports.values())
    parts = {
        name: f"{report.distinct} different ones, {report.runs} runs" for name, report in reports.items()
    }
    parts["that took, s"] = f"{took:.0f}"
    title = f"simulator, {what}: different schedules with a crash or a lost answer"
    yield Figure(title, f">= {least}", f"{distinct}", distinct >= least, parts)
    found = [finding for report in reports.values() for finding in report.findings]
    stories = {finding.what: finding.schedule for finding in found}
    yield none_of(f"simulator, {what}", "violations", len(found), f"{distinct}", **stories)


def with_bugs() -> Iterator[Figure]:
    """Each in its turn, in one of two processes."""
    progress(f"{len(BUGS)} seeded bugs")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = dict(zip(BUGS, pool.map(hunted, BUGS), strict=True))
    missed = [name for name, (what, _) in found.items() if not what]
    parts = {name: f"{what or 'nothing'}, after {runs}" for name, (what, runs) in found.items()}
    measured = f"{len(BUGS) - len(missed)} of {len(BUGS)}"
    yield Figure("simulator: seeded bugs found", f"all, in {WITHIN} schedules", measured, not missed, parts)


def hunted(name: str) -> tuple[str, int]:
    """What was seen with this bug, by its first line, and after how many schedules."""
    bug = BUGS[name]
    with bug.seeded():
        report = bug.simulation.random(WITHIN)
    what = report.findings[0].what.splitlines()[0] if report.findings else ""
    return what, report.runs
