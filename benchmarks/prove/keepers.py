"""Programs that keep many things alive and do nothing else, so that their CPU time is the cost of that.

Each says one JSON object when all is set up, goes on when it is sent a line, and says another one
at its end. They run in processes of their own, started by `keeper`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.prove.children import calling, line
from coordination import Lease, connect

OPENERS = 8
TASKS = Path("/proc/self/task")

LOOK = 2.0
"""Seconds between two looks at kept leases: far less than between two beats, so that none is missed."""


@contextmanager
def keeper(function: Callable[..., None], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One of these programs, ready and waiting to be told to `go`."""
    with calling(function, *arguments) as program:
        line(program)
        yield program


def go(program: subprocess.Popen[str]) -> None:
    """From now on it measures."""
    assert program.stdin is not None
    program.stdin.write("\n")
    program.stdin.flush()


def told(program: subprocess.Popen[str]) -> dict[str, Any]:
    """Its report."""
    report: dict[str, Any] = json.loads(line(program))
    return report


@dataclass(slots=True)
class Report:
    """What came of the measured time."""

    count: int = 0
    lost: int = 0
    unclear: int = 0
    cpu: float = 0.0
    threads: list[int] = field(default_factory=list)
    native_threads: list[int] = field(default_factory=list)

    def look_at_threads(self) -> None:
        """Python's own, and all that the process has."""
        self.threads.append(threading.active_count())
        self.native_threads.append(len(os.listdir(TASKS)) if TASKS.exists() else 0)

    def say(self) -> None:
        """To who started this program."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        print(json.dumps(fields), flush=True)


def wait_for_go() -> None:
    """All is set up; from here on it counts."""
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()


def leases(url: str, count: str, period: str, seconds: str) -> None:
    """Keep so many leases alive; a beat is counted where a lease's index has moved."""
    manager = connect(url)
    lost: list[str] = []

    def keep(number: int) -> Lease:
        lease = manager.acquire_lease(f"unit-{number}", period=float(period))
        assert lease is not None
        return lease.keep_alive(lambda gone, reason: lost.append(f"{gone.name} {reason}"))

    with ThreadPoolExecutor(OPENERS) as pool:
        kept = list(pool.map(keep, range(int(count))))
    time.sleep(float(period) * 2 / 3)  # each was renewed once, and has found those it goes along with
    report = Report()
    wait_for_go()
    began = time.process_time()
    for moved in _moves(kept, float(seconds)):
        report.count += moved
        report.look_at_threads()
    report.cpu = time.process_time() - began
    report.lost = len(lost) + sum(not lease.held for lease in kept)
    report.say()
    os._exit(0)  # a thousand releases are not what is measured


def _moves(kept: list[Lease], seconds: float) -> Iterator[int]:
    before = [lease.index for lease in kept]
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        time.sleep(min(LOOK, left))
        now = [lease.index for lease in kept]
        yield sum(new != old for new, old in zip(now, before, strict=True))
        before = now


def span(numbers: list[int]) -> str:
    """From the least to the most."""
    if not numbers:
        return "not known here"
    return f"{min(numbers)} to {max(numbers)}" if min(numbers) != max(numbers) else str(numbers[0])
