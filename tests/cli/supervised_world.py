"""What the supervisor's loop deals with, in one object, on a clock that moves only while the loop waits."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from typing import Any

from coordination.cli.supervise.report import Report
from coordination.cli.supervise.supervisor import Supervisor
from coordination.testing import FakeClock
from coordination.timing import margin

PERIOD = 15.0
LEADER, GUARDIAN = 40, 41


class World:
    """What is kept, command, guardian, inbox, terminal in one: what happens is in `plan`, by the second."""

    name, token, time_remaining, pid, pgid = "job", 5, PERIOD, GUARDIAN, LEADER
    exists = False

    def __init__(self) -> None:
        self.clock = FakeClock(now=0.0)
        self.deadline = PERIOD
        self.lost: str | None = None
        self.plan: list[tuple[float, Callable[[], None]]] = []
        self.sent: list[tuple[float, int]] = []
        self.told: list[str] = []
        self.guarded_until = 0.0
        self.changes: list[tuple[int, int]] = []
        self.runs = True
        self.leads = True
        self.started = False
        self.dies_of = {signal.SIGKILL}

    @property
    def held(self) -> bool:
        return self.lost is None and self.clock.now() < self.deadline - margin(PERIOD)

    def wait(self, seconds: float) -> None:
        """The inbox's: let time pass, then let happen what is due."""
        self.clock.advance(seconds)
        while self.plan and self.plan[0][0] <= self.clock.now():
            self.plan.pop(0)[1]()

    def take(self) -> int | None:
        return None

    def kill_at(self, until: float) -> None:
        self.guarded_until = until

    def send(self, signum: int) -> bool:
        """The group's."""
        self.sent.append((self.clock.now(), signum))
        if signum in self.dies_of and self.runs:
            self.runs = False
            self._leader_ended(int(signal.SIGKILL))
        return True

    def terminate(self) -> bool:
        return self.send(signal.SIGTERM)

    def running(self) -> bool:
        return self.runs

    def reap(self) -> Iterator[tuple[int, int]]:
        while self.changes:
            yield self.changes.pop()

    def ends(self, status: int, *, leaves_nobody: bool = True) -> None:
        """The leader ends by itself."""
        self._leader_ended(status)
        self.runs = not leaves_nobody

    def _leader_ended(self, status: int) -> None:
        if self.leads:
            self.leads = False
            self.changes.append((LEADER, status))

    def when(self, signum: int) -> float:
        """When a signal was first sent."""
        return next(at for at, sent in self.sent if sent == signum)

    def nothing(self, *args: object, **kwargs: object) -> None:
        """What this test does not look at."""

    listen = on_lost = call_off = lend_at_start = take_back = nothing


class Command:
    """The paused command."""

    pid = LEADER

    def __init__(self, world: World) -> None:
        self._world = world

    def go(self, token: int) -> None:
        self._world.started = True

    def call_off(self) -> None:
        """It was paused all the time."""


def supervise(world: World, grace: float = 3.0, *, awaits: bool = False) -> Supervisor:
    """Run the loop to its end."""
    every: Any = world
    command: Any = Command(world)
    report = Report("job", as_json=False)
    report.warn = lambda event, text, **fields: world.told.append(event)  # type: ignore[method-assign]
    supervisor = Supervisor(
        every, command, guardian=every, inbox=every, terminal=every, report=report,
        grace=grace, awaits=awaits, now=world.clock.now,
    )  # fmt: skip
    supervisor.supervise()
    return supervisor
