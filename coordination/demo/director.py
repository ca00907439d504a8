"""The director: starts the machines, kills one, ends the demo, and hands the logs to the judge.

The order of events: start, until every unit is owned and every machine owns one; a steady while
longer than a period, so that nothing is owned without renewals; the kill; the whole bound and a
little more, so that the end comes from the logs and not from somebody's impatience.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from coordination.clock import Clock, SystemClock
from coordination.demo.report import Report, report
from coordination.demo.scene import Scene
from coordination.demo.stage import Stage
from coordination.demo.story import Kill, Story

View = Callable[[Scene], None]
"""Called about five times a second with the scene as it is now."""

_REFRESH = 0.2
_STARTING = 20.0
"""Seconds the machines get until all units are owned."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How big the demo is; `period` of every lease in seconds; `keep` is a folder to keep, if any."""

    machines: int = 3
    units: int = 12
    period: float = 2.0
    keep: Path | None = None
    break_store: bool = False


def perform(plan: Plan, view: View) -> Report:
    """Play it and judge it, on the main thread. Leaves no process, and no folder but the one to keep."""
    with _terminated_like_interrupted(), Stage(plan.keep, plan.units) as stage:
        return _Performance(plan, view, stage, SystemClock()).play()


class _Performance:
    """One run: the stage, what is shown, and what went wrong so far."""

    def __init__(self, plan: Plan, view: View, stage: Stage, clock: Clock) -> None:
        self._plan = plan
        self._view = view
        self._stage = stage
        self._clock = clock
        self._scene = Scene(began=clock.now(), period=plan.period)
        self._failures: list[str] = []

    def play(self) -> Report:
        """The whole of it."""
        names = [f"machine-{n}" for n in range(1, self._plan.machines + 1)]
        self._start(names)
        self._until(lambda: self._scene.owned and self._scene.owners == set(names), _STARTING)
        self._for(2 * self._plan.period)
        settled = self._clock.now()
        story = Story(settled, None if self._spoiled else self._kill(names[1]), self._plan.period)
        if story.kill is not None:
            self._for(story.bound + self._plan.period)
        self._look()
        self._stage.stop()
        lasted = self._clock.now() - self._scene.began
        failures = list(dict.fromkeys([*self._failures, *self._stage.failures()]))
        return report(self._stage.logs(), story, failures, lasted)

    def _start(self, names: list[str]) -> None:
        for name in names:
            self._stage.start(
                name,
                machines=self._plan.machines,
                period=self._plan.period,
                break_store=self._plan.break_store,
            )
            self._scene.tell(self._clock.now(), f"{name} started")

    def _kill(self, victim: str) -> Kill:
        sent = self._clock.now()
        self._stage.kill(victim)
        gone = self._clock.now()
        self._scene.dead.add(victim)
        self._scene.tell(sent, f"{victim} killed with SIGKILL")
        return Kill(victim, sent, gone)

    @property
    def _spoiled(self) -> bool:
        """Whether to go on is pointless: the outcome is known already."""
        return bool(self._scene.refused or self._failures)

    def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        end = self._clock.now() + seconds
        while not condition() and not self._spoiled and self._clock.now() < end:
            self._look()
            self._clock.sleep(_REFRESH)

    def _for(self, seconds: float) -> None:
        self._until(lambda: False, seconds)

    def _look(self) -> None:
        self._scene.refresh(self._stage.logs(), self._clock.now())
        self._failures = self._stage.failures()
        self._view(self._scene)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM and a closed terminal unwind the stack as ^C does, so that the cleaning up happens."""

    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = [(number, signal.signal(number, leave)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
