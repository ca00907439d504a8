"""One machine: a member, a candidate for leading, an owner of what the schedule gives it.

    COORDINATION_URL=etcd://127.0.0.1:2379 python -m coordination.demo.scheduler.machine NAME

SIGTERM (on Windows: Ctrl-Break) drains it: it resigns, leaves the members, and goes on with its units
until the others have them. It ends at once when its standard input ends, so that whoever started it
takes it along; what it owned is free again as soon as its records are removed, or a ttl later.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from coordination import LeaseLost, Reconciler, StoreError, connect
from coordination.clock import SystemClock
from coordination.demo.scheduler.leading import Scheduling, schedule
from coordination.demo.scheduler.owning import Owner

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from coordination import Manager

LOOK = 0.25
"""Seconds between two looks at the schedule."""

INTERVAL = 0.5
"""Seconds between two looks of the leader at machines and units."""

DRAIN = 15.0
"""Seconds that a machine which is drained waits for the others to take its units."""

PATIENCE = 5.0
"""Seconds that giving up the leadership may take; what is not done then is left to its ttl."""


class _Orders:
    """What the signals said. A flag, because an event's lock may be held by whom the signal interrupted."""

    drain = False


def main(arguments: Sequence[str]) -> None:
    """Be a machine until it is drained, or standard input ends."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _drain)
    with connect(namespace=options.namespace, machine_id=options.name) as manager:
        Machine(manager, options, _ended_input()).live()


class Machine:
    """What one machine is made of. `ended`: it is to end now, and to hand nothing over."""

    def __init__(self, manager: Manager, options: argparse.Namespace, ended: threading.Event) -> None:
        ttl, version = options.ttl, options.version
        self._manager = manager
        self._ended = ended
        self._clock = SystemClock()
        self._stop_leading = threading.Event()
        told = {"version": str(version)}
        self._members = manager.membership("machines", metadata=told, ttl=ttl)
        pool = manager.pool("work", ttl=ttl)
        self._owner = Owner(pool, self._clock, options.name, version)
        leader = manager.leader("scheduler", version=version, ttl=ttl, eligible=lambda: not self._leaving)
        scheduling = Scheduling(manager, pool, self._members, self._clock, options.resource)
        self._reconciler = Reconciler(leader, scheduling.reconcile, interval=INTERVAL)
        self._name: str = options.name
        self._schedule: dict[str, str] = {}

    @property
    def _leaving(self) -> bool:
        return _Orders.drain or self._ended.is_set()

    def live(self) -> None:
        """Come, work, and go when drained or ended."""
        self._members.join()
        leading = threading.Thread(
            target=self._reconciler.run, args=[self._stop_leading], name="leading", daemon=True
        )
        leading.start()
        try:
            self._follow(lambda: self._leaving)
            self._stop_leading.set()
            self._hand_over()
        finally:
            self._owner.stop()
            leading.join(PATIENCE)

    def _follow(self, over: Callable[[], bool]) -> None:
        """Look at the schedule and do as it says, until it is over."""
        while not over():
            with suppress(StoreError):  # Then it holds as it was read last.
                self._schedule = schedule(self._manager)
            with suppress(StoreError, LeaseLost):  # What could not be obtained now is at the next look.
                self._owner.follow({unit for unit, name in self._schedule.items() if name == self._name})
            self._clock.sleep(LOOK)

    def _hand_over(self) -> None:
        """Leave the members, so that the leader gives our units to others, and wait for that."""
        if self._ended.is_set():
            return
        with suppress(StoreError):
            self._members.leave()
        end = self._clock.now() + DRAIN
        self._follow(
            lambda: self._ended.is_set() or not self._owner.busy or self._clock.now() > end or self._alone()
        )

    def _alone(self) -> bool:
        with suppress(StoreError):
            return not self._members.members()
        return False


def _drain(_number: int, _frame: FrameType | None) -> None:
    _Orders.drain = True


def _ended_input() -> threading.Event:
    """Set once it has ended; read past Python's buffer, whose lock would be in the way at exit."""
    ended = threading.Event()
    descriptor = sys.stdin.fileno()

    def wait() -> None:
        while os.read(descriptor, 512):
            pass
        ended.set()

    threading.Thread(target=wait, daemon=True, name="stdin").start()
    return ended


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="One machine of the scheduler; COORDINATION_URL is the store."
    )
    parser.add_argument("name")
    parser.add_argument("--version", type=int, default=1, help="of the program, for rolling upgrades")
    parser.add_argument("--ttl", type=float, default=5.0, help="seconds")
    parser.add_argument("--namespace", default="")
    parser.add_argument("--resource", metavar="HOST:PORT", help="where the leader's acts are fenced as well")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
