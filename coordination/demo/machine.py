"""One machine of the demo: a process that owns units through leases and writes to their logs.

It ends by itself when its standard input is closed: on purpose by the director, and by the system
when the director dies, so that no machine outlives its demo.
Run as `python -m coordination.demo.machine --help`.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from coordination.clock import SystemClock
from coordination.connect import connect
from coordination.demo.log import START, STOP, WORK, FencedLog, Outcome
from coordination.errors import LeaseLost, StoreError

if TYPE_CHECKING:
    from coordination.lease import Lease
    from coordination.manager import Manager

TICK = 0.12
"""Seconds between two entries for a unit that is held."""

PRESENCE = "machine-"
"""Prefix of the leases that tell machines of each other."""


class Machine:
    """Owns up to its fair share of the units. One thread calls it; the leases renew on their own."""

    def __init__(
        self, manager: Manager, name: str, logs: dict[str, FencedLog], machines: int, period: float
    ) -> None:
        self._manager = manager
        self._name = name
        self._logs = logs
        self._machines = machines
        self._period = period
        self._presence: Lease | None = None
        self._owned: dict[str, Lease] = {}
        self._awaited_until = manager.clock.now() + 3 * period

    def tick(self) -> None:
        """Do one round: work on what is ours, then claim what is missing from our share."""
        for unit in list(self._owned):
            self._write(WORK, unit)
        with suppress(StoreError, LeaseLost):
            self._announce()
            self._claim(self._share() - len(self._owned))

    def stop(self) -> None:
        """Say so in the logs, then give every unit back."""
        for unit, lease in list(self._owned.items()):
            self._write(STOP, unit)
            _give_back(lease)
        self._owned.clear()

    def _announce(self) -> None:
        if self._presence is None or not self._presence.held:
            self._presence = self._acquire(PRESENCE + self._name)

    def _share(self) -> int:
        """Units per living machine; those still starting up count as living for three periods."""
        living = len(self._manager.list_leases(PRESENCE))
        if living >= self._machines:
            self._awaited_until = 0.0
        if self._manager.clock.now() < self._awaited_until:
            living = self._machines
        return math.ceil(len(self._logs) / max(1, living))

    def _claim(self, wanted: int) -> None:
        for unit in self._logs:
            if wanted <= 0:
                return
            if unit not in self._owned and self._take(unit):
                wanted -= 1

    def _take(self, unit: str) -> bool:
        lease = self._acquire(unit)
        if lease is None:
            return False
        self._owned[unit] = lease
        self._write(START, unit)
        return unit in self._owned

    def _acquire(self, name: str) -> Lease | None:
        lease = self._manager.acquire_lease(name, self._name, 0, self._period)
        return None if lease is None else lease.keep_alive()

    def _write(self, kind: str, unit: str) -> None:
        """One entry; what is lost, or refused by the log, is not ours to work on any more."""
        lease = self._owned[unit]
        outcome = self._logs[unit].write(kind, lease.token, self._name, lambda: lease.held)
        if outcome is not Outcome.WRITTEN:
            del self._owned[unit]
            _give_back(lease)


def _give_back(lease: Lease) -> None:
    with suppress(LeaseLost, StoreError):
        lease.release()


def run(arguments: Sequence[str]) -> None:
    """Work until standard input is closed."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = _closed_input()
    clock = SystemClock()
    logs = {path.stem: FencedLog(path, clock) for path in options.log}
    with connect(_url(options), machine_id=options.name) as manager:
        machine = Machine(manager, options.name, logs, options.machines, options.period)
        while not clock.wait(stop, TICK):
            machine.tick()
        machine.stop()


def _url(options: argparse.Namespace) -> str:
    """Not durable: a killed process loses nothing that it has written, only a power failure would.

    A broken store is one for each machine, so that everybody is granted everything.
    """
    folder = options.folder / options.name if options.break_store else options.folder
    return f"{folder.as_uri()}?durable=false"


def _closed_input() -> threading.Event:
    """Set once it is closed; read past Python's buffer, whose lock would be in the way of a crash's exit."""
    closed = threading.Event()
    descriptor = sys.stdin.fileno()

    def wait() -> None:
        while os.read(descriptor, 512):
            pass
        closed.set()

    threading.Thread(target=wait, daemon=True, name="demo-stdin").start()
    return closed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="One machine of the demo.")
    parser.add_argument("--name", required=True)
    parser.add_argument("--folder", type=Path, required=True, help="the folder of the file store")
    parser.add_argument("--machines", type=int, required=True, help="how many there are at first")
    parser.add_argument("--period", type=float, required=True, help="seconds")
    parser.add_argument("--break-store", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("log", type=Path, nargs="+", help="the fenced log of each unit, UNIT.log")
    return parser


if __name__ == "__main__":
    run(sys.argv[1:])
