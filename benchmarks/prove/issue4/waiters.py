"""A program whose threads all want one lock, again and again, and which says when each had it.

Its parent starts some of them on one server, says `go` to all, looks at the server's counters
meanwhile, and says `go` again to end it. Times are of the monotonic clock, which is one for all
processes of a machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from benchmarks.prove.children import line
from benchmarks.prove.keepers import go, keeper, wait_for_go
from coordination import Manager, connect

NAME = "contended"
PATIENCE = "60"
"""Seconds for which nobody has to wait; a waiter that does was forgotten."""


class Had(NamedTuple):
    """One acquisition: its token, who had it, when `acquire` had returned, when `release` was called."""

    token: int
    waiter: str
    since: float
    until: float


class Waiter:
    """One thread."""

    def __init__(self, manager: Manager, name: str, begin: threading.Event, end: threading.Event) -> None:
        self._lock = manager.lock(NAME)
        self._name = name
        self._begin = begin
        self._end = end
        self.had: list[Had] = []
        self.broken = True
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self._begin.wait()
        while not self._end.is_set():
            hold = self._lock.acquire(timeout=float(PATIENCE))
            since = time.monotonic()
            token = hold.token
            until = time.monotonic()
            hold.release()
            self.had.append(Had(token, self._name, since, until))
        self.broken = False


def contend(url: str, process: str, threads: str) -> None:
    """The program."""
    begin, end = threading.Event(), threading.Event()
    with connect(url) as manager:
        with manager.lock(f"first of {process}"):
            pass  # Connected, and the session is open.
        waiters = [Waiter(manager, f"{process}.{number}", begin, end) for number in range(int(threads))]
        for waiter in waiters:
            waiter.thread.start()
        wait_for_go()
        begin.set()
        sys.stdin.readline()
        end.set()
        for waiter in waiters:
            waiter.thread.join()
        if any(waiter.broken for waiter in waiters):
            raise RuntimeError("a waiter broke; what it raised is above")
        print(json.dumps([had for waiter in waiters for had in waiter.had]), flush=True)


class Crowd:
    """The waiters of several processes."""

    def __init__(self, programs: Sequence[subprocess.Popen[str]]) -> None:
        self._programs = programs

    def start(self) -> None:
        """They all want it from now on."""
        for program in self._programs:
            go(program)

    def stop(self) -> list[Had]:
        """Whoever waits has it once more; all that anybody had, in the order of the tokens."""
        for program in self._programs:
            go(program)
        return sorted(Had(*had) for program in self._programs for had in json.loads(line(program)))


@contextmanager
def crowd(url: str, waiters: int, processes: int) -> Iterator[Crowd]:
    """So many, spread evenly."""
    shares = [len(range(process, waiters, processes)) for process in range(min(waiters, processes))]
    with ExitStack() as ends:
        yield Crowd(
            [
                ends.enter_context(keeper(contend, url, str(process), str(threads)))
                for process, threads in enumerate(shares)
            ]
        )
