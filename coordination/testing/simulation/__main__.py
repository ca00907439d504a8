"""`python -m coordination.testing.simulation`: the library's own lock, or a scenario of yours.

python -m coordination.testing.simulation                                 # 100,000 schedules of the lock
python -m coordination.testing.simulation --scenario mine:Queue --depth 6 # every order to six choices
python -m coordination.testing.simulation --scenario mine:Queue --replay '-+=:0.2.1'
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from coordination.clock import default_clock
from coordination.testing.simulation.explore import Simulation
from coordination.testing.simulation.lock_plans import lock_plans
from coordination.testing.simulation.many import Plan, explored
from coordination.testing.simulation.report import Finding
from coordination.testing.simulation.scenario import Scenario


def main(arguments: list[str]) -> int:
    """Explore or replay; 1 if anything was found."""
    options = _options().parse_args(arguments)
    if options.replay is not None:
        return _said([Simulation(_scenario(options.scenario)).replay(options.replay)])
    plans = lock_plans(options.schedules)
    if options.scenario is not None:
        plan = Plan(_scenario(options.scenario), schedules=options.schedules, depth=options.depth)
        plans = {options.scenario: plan}
    clock = default_clock()
    began = clock.now()
    reports = explored(plans.values(), seed=options.seed, workers=options.workers)
    for name, report in zip(plans, reports, strict=True):
        _print(
            f"{name}: {report.distinct} different schedules with a crash or a lost answer, {report.runs} runs"
        )
    total = sum(report.distinct for report in reports)
    _print(f"in all: {total} in {clock.now() - began:.1f} s")
    return _said([finding for report in reports for finding in report.findings])


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m coordination.testing.simulation")
    parser.add_argument("--scenario", metavar="MODULE:CLASS", help="instead of the library's own lock")
    parser.add_argument("--schedules", type=int, default=100_000, help="how many")
    parser.add_argument("--depth", type=int, default=0, help="choices to which every order is run")
    parser.add_argument("--seed", type=int, default=0, help="the first of the seeds")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--replay", metavar="SCHEDULE", help="run this one and tell its story")
    return parser


def _scenario(name: str | None) -> type[Scenario]:
    module, _, attribute = (name or "coordination.testing.simulation.locks:Locks").partition(":")
    found = getattr(import_module(module), attribute)
    if not (isinstance(found, type) and issubclass(found, Scenario)):
        raise SystemExit(f"{name} is no Scenario")
    return found


def _said(findings: list[Finding | None]) -> int:
    for finding in filter(None, findings):
        _print(str(finding))
    return int(any(findings))


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
