"""The process of one machine of the demo: its arguments, its store, its end.

It ends when its standard input is closed: on purpose by the director, and by the system when the
director dies, so that no machine outlives its demo.
Run as `python -m coordination.demo.machine --help`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from coordination.clock import SystemClock
from coordination.connect import connect
from coordination.demo.log import FencedLog
from coordination.demo.worker import Worker

TICK = 0.12
"""Seconds between two entries for a unit that is held."""


def run(arguments: Sequence[str]) -> None:
    """Work until standard input is closed."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = _closed_input()
    clock = SystemClock()
    logs = {path.stem: FencedLog(path, clock) for path in options.log}
    with connect(_url(options), machine_id=options.name) as manager:
        worker = Worker(manager, options.name, logs, options.machines, options.period)
        while not clock.wait(stop, TICK):
            worker.tick()
        worker.stop()


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
