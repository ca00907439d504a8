"""A machine's part: it owns the units that the schedule gives it, and runs a child for each.

The order is what makes it safe: a unit is owned before its child starts, and given back only when its
child is gone. A unit that is lost has its child killed; the child's own leash ended before that.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coordination import LeaseLost, StoreError
from coordination.demo.scheduler.child import PATIENCE, Child
from coordination.demo.scheduler.leading import command_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coordination.clock import Clock
    from coordination.pool import Pool
    from coordination.unit import Unit

RESTART = 1.0
"""Seconds before a unit whose command ended is run again."""


@dataclass(slots=True)
class Running:
    """A unit of ours, and its child."""

    unit: Unit
    child: Child
    asked: bool = False
    """Whether somebody wants us to let go of it."""


class Owner:
    """What one machine owns and runs. One thread calls it; the pool keeps the units alive by itself."""

    def __init__(self, pool: Pool, clock: Clock, machine: str, version: int) -> None:
        self._pool = pool
        self._clock = clock
        self._machine = machine
        self._version = version
        self._running: dict[str, Running] = {}
        self._not_before: dict[str, float] = {}

    @property
    def busy(self) -> bool:
        """Whether anything runs."""
        return bool(self._running)

    def follow(self, mine: set[str]) -> None:
        """Own these units and no others, as far as others let us. What it cannot do now it does next time."""
        self._allow()
        self._let_go(name for name, running in self._running.items() if running.asked or name not in mine)
        for name in sorted(mine - self._running.keys()):
            if self._clock.now() >= self._not_before.get(name, 0.0):
                self._take(name)
                self._allow()

    def stop(self) -> None:
        """Let go of everything."""
        self._let_go(self._running)

    def _allow(self) -> None:
        """Make the leashes as long as our ownership, and end what has none or has ended by itself."""
        for name, running in list(self._running.items()):
            if running.unit.held and not running.child.ended:
                running.child.allow(self._clock.now() + running.unit.remaining)
                continue
            if not running.unit.held:
                sys.stderr.write(f"{name} was lost: {running.unit.lost}\n")
            self._not_before[name] = self._clock.now() + RESTART
            self._end(name, patience=0.0)

    def _take(self, name: str) -> None:
        unit = self._pool.obtain(name)
        if unit is None:
            return  # Whoever had it has not let go of it yet.
        try:
            child = Child(command_of(unit.payload), name, unit.token, self._machine, self._version)
        except (OSError, ValueError, IndexError) as error:
            sys.stderr.write(f"{name} cannot be run: {error}\n")
            self._not_before[name] = self._clock.now() + RESTART
            _give_back(unit)
            return
        running = self._running[name] = Running(unit, child)
        unit.on_release_requested(lambda _unit: setattr(running, "asked", True))

    def _let_go(self, names: Iterable[str]) -> None:
        going = list(names)
        for name in going:
            self._running[name].child.ask()
        for name in going:
            self._end(name)

    def _end(self, name: str, patience: float = PATIENCE) -> None:
        running = self._running.pop(name)
        running.child.end(patience)
        _give_back(running.unit)


def _give_back(unit: Unit) -> None:
    with suppress(LeaseLost, StoreError):
        unit.release()
