"""The simulator: a hundred thousand schedules of the lock without a violation, and every seeded bug found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.prove.figure import Figure, at_most, none_of
from coordination.testing.simulation.lock_plans import lock_plans
from coordination.testing.simulation.locks import Locks
from coordination.testing.simulation.many import explored
from tests.simulation.bugs import BUGS, seeded

SCHEDULES = 100_000
SECONDS = 60.0
CLIENTS = 3
FEWEST_BUGS = 10
WITHIN = 6_000
"""Schedules of its scenario within which a bug has to be found."""


def figures() -> Iterator[Figure]:
    """As it is, and then with each bug."""
    yield from as_it_is()
    yield from with_bugs()


def as_it_is() -> Iterator[Figure]:
    """In two processes, counted over all scenarios."""
    plans = lock_plans(SCHEDULES)
    began = time.monotonic()
    reports = dict(zip(plans, explored(plans.values()), strict=True))
    took = time.monotonic() - began
    distinct = sum(report.distinct for report in reports.values())
    fewest = min(plan.scenario.clients if issubclass(plan.scenario, Locks) else 0 for plan in plans.values())
    each = {name: f"{report.distinct} different ones, {report.runs} runs" for name, report in reports.items()}
    name = f"simulator: different schedules of {fewest} clients or more, each with a crash or a lost answer"
    enough = distinct >= SCHEDULES and fewest >= CLIENTS
    yield Figure(name, f">= {SCHEDULES}, >= {CLIENTS} clients", f"{distinct}", enough, each)
    work = {"seconds of both processes": round(sum(report.seconds for report in reports.values()))}
    yield at_most("simulator: that took", SECONDS, took, "s", **work)
    found = [finding for report in reports.values() for finding in report.findings]
    stories = {finding.what: finding.schedule for finding in found}
    yield none_of("simulator: the lock as it is", "violations", len(found), f"{distinct}", **stories)


def with_bugs() -> Iterator[Figure]:
    """Each in its turn, in one of two processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(hunted, BUGS))
    measured = sum(bool(what) for what, _ in found)
    good = measured == len(BUGS) >= FEWEST_BUGS
    yield Figure(
        "simulator: seeded bugs found", f"all, at least {FEWEST_BUGS}", f"{measured} of {len(BUGS)}", good
    )
    for name, (what, runs) in zip(BUGS, found, strict=True):
        title = f"simulator: seeded bug, {name}"
        yield Figure(title, f"found in {WITHIN} schedules", f"{what or 'nothing'}, after {runs}", bool(what))


def hunted(name: str) -> tuple[str, int]:
    """What was seen with this bug, by its first line, and after how many schedules."""
    with seeded(name):
        report = BUGS[name].simulation.random(WITHIN)
    what = report.findings[0].what.splitlines()[0] if report.findings else ""
    return what, report.runs
