"""Explorations on several processors: each process takes the next piece, and the sums are put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from coordination.testing.simulation.explore import Simulation
from coordination.testing.simulation.fates import Limits
from coordination.testing.simulation.report import Report
from coordination.testing.simulation.scenario import Scenario

PIECE = 1_000
"""Schedules that a process takes at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to explore of a scenario: so many random schedules, and all to a depth, at most so many.

    The scenario is a class at the top of a module, so that another process can find it.
    """

    scenario: type[Scenario]
    limits: Limits = field(default_factory=Limits)
    schedules: int = 0
    depth: int = 0
    most: int = 1_000_000

    def pieces(self, seed: int) -> Iterator[partial[Report]]:
        """What processes can do independently of each other."""
        simulation = Simulation(self.scenario, self.limits)
        if self.depth:
            options = simulation.options()
            most = -(-self.most // options)
            for first in range(options):
                yield partial(simulation.exhaust, self.depth, most=most, below=(first,))
        for begin in range(0, self.schedules, PIECE):
            count = min(PIECE, self.schedules - begin)
            yield partial(simulation.random, count, seed=seed + begin)


def explored(plans: Iterable[Plan], *, seed: int = 0, workers: int = 2) -> list[Report]:
    """A report for each plan, in their order; `seconds` is what it took in all processes together.

    Processes are spawned: a program that calls this does so under `if __name__ == "__main__":`.
    """
    numbered = [(number, piece) for number, plan in enumerate(plans) for piece in plan.pieces(seed)]
    reports = [Report() for _ in range(1 + max((number for number, _ in numbered), default=-1))]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        done = pool.map(_run, (piece for _, piece in numbered))
        for (number, _), report in zip(numbered, done, strict=True):
            reports[number].add(report)
    return reports


def _run(piece: partial[Report]) -> Report:
    return piece()
