"""Runs schedules of a scenario: all of them to a depth, random ones, or one again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from coordination.clock import default_clock
from coordination.testing.simulation.choices import Choices, Dice, Listed, read, written
from coordination.testing.simulation.fates import Limits
from coordination.testing.simulation.repeatable import repeatable
from coordination.testing.simulation.report import Finding, Report
from coordination.testing.simulation.scenario import Scenario
from coordination.testing.simulation.world import World

SIMPLER = 300
"""How many simpler schedules are tried for one that failed."""


class Simulation:
    """Explores the schedules of one scenario; `scenario` makes a fresh one for each of them.

    One at a time in a process: meanwhile the modules `random` and `secrets` are not random.
    """

    def __init__(self, scenario: Callable[[], Scenario], limits: Limits | None = None) -> None:
        self.scenario = scenario
        self.limits = limits or Limits()

    def exhaust(self, depth: int, *, most: int = 1_000_000, below: tuple[int, ...] = ()) -> Report:
        """Every schedule whose first `depth` choices differ; after these, who is ready first goes first.

        Stops after `most` schedules, or at the first that fails. `below`: only those that begin with
        these choices.
        """
        return self._explored(_to_depth(depth, below), most, 1)

    def random(self, schedules: int, *, seed: int = 0, findings: int = 1) -> Report:
        """Random schedules, one for each of so many seeds from `seed` on.

        Stops once so many have failed, each in its own way.
        """
        return self._explored(map(Dice, range(seed, seed + schedules)), schedules, findings)

    def replay(self, schedule: str | int) -> Finding | None:
        """Run one schedule again, or that of a seed, and tell its story; None if nothing is wrong with it."""
        choices = Dice(schedule) if isinstance(schedule, int) else read(schedule)
        story: list[str] = []
        with repeatable() as begin:
            begin()
            failure = self._run(choices, story)[1]
        if failure is None:
            return None
        return Finding(written(choices.trace, choices.rates), _said(failure), tuple(story))

    def options(self) -> int:
        """How many options there are at the first choice."""
        choices = Listed()
        with repeatable() as begin:
            begin()
            self._run(choices)
        return choices.counts[0] if choices.counts else 1

    def _explored(self, every: Iterable[Choices], most: int, findings: int) -> Report:
        report = Report()
        kinds: set[tuple[type, str]] = set()
        clock = default_clock()
        began = clock.now()
        with repeatable() as begin:
            for choices in every:
                begin()
                report.runs += 1
                world, failure = self._run(choices)
                if failure is not None and _kind(failure) not in kinds:
                    kinds.add(_kind(failure))
                    report.findings.append(self._found(choices, failure, begin))
                if world.counted:
                    report.seen.add(hash((*choices.rates, *choices.trace)))
                if report.runs >= most or len(report.findings) >= findings:
                    break
            else:
                report.complete = True
        report.seconds = clock.now() - began
        return report

    def _run(self, choices: Choices, story: list[str] | None = None) -> tuple[World, Exception | None]:
        scenario = self.scenario()
        world = World(scenario, self.limits, choices, story)
        try:
            world.run()
        except Exception as failure:  # noqa: BLE001 - whatever it is, the schedule that led to it counts
            return world, failure
        return world, None

    def _found(self, choices: Choices, failure: Exception, begin: Callable[[], None]) -> Finding:
        """The simplest schedule near this one that fails in the same way, with its story."""
        kept, rates = list(choices.trace), choices.rates
        for _, simpler in zip(range(SIMPLER), _simpler(kept), strict=False):
            begin()
            other = self._run(Listed(simpler, rates))[1]
            if other is not None and _kind(other) == _kind(failure):
                kept[:] = simpler
        story: list[str] = []
        begin()
        last = self._run(Listed(kept, rates), story)[1]
        return Finding(written(kept, rates), _said(last or failure), tuple(story))


def _simpler(kept: list[int]) -> Iterator[list[int]]:
    """Lists like `kept`, which the caller changes as it goes, with one choice more that is 0."""
    for at in range(len(kept) - 1, -1, -1):
        if kept[at]:
            yield [*kept[:at], 0, *kept[at + 1 :]]


def _kind(failure: BaseException) -> tuple[type, str]:
    """What two failures have in common: their type, and what they say before the first colon."""
    return type(failure), str(failure).partition(":")[0]


def _said(failure: BaseException) -> str:
    return str(failure) if isinstance(failure, AssertionError) else f"{type(failure).__name__}: {failure}"


def _to_depth(depth: int, below: tuple[int, ...]) -> Iterator[Listed]:
    """One list after the other, in order, like an odometer whose wheels differ in size at each turn."""
    prefix = list(below)
    while True:
        choices = Listed(prefix)
        yield choices
        prefix = choices.trace[:depth]
        while len(prefix) > len(below) and prefix[-1] + 1 >= choices.counts[len(prefix) - 1]:
            prefix.pop()
        if len(prefix) <= len(below):
            return
        prefix[-1] += 1
