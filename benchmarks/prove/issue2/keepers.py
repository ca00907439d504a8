"""Programs that keep many things alive and do nothing else, so that their CPU time is the cost of that.

Each says one JSON object when all is set up, goes on when it is sent a line, and says another one
at its end. They run in processes of their own, started by `keeping.py`.
"""

from __future__ import annotations

import heapq
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from coordination import Lease, connect
from coordination.errors import StoreError
from coordination.record import Session
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore

GROUP = 500
"""Sessions that are renewed by one call, so that the load is even."""

OPENERS = 8
TASKS = Path("/proc/self/task")

LOOK = 2.0
"""Seconds between two looks at kept leases: far less than between two beats, so that none is missed."""


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
        self.native_threads.append(
            len(os.listdir("/proc/self/task")) if Path("/proc/self/task").exists() else 0
        )

    def say(self) -> None:
        """To who started this program."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        print(json.dumps(fields), flush=True)


def _wait_for_go() -> None:
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()


class Groups:
    """Sessions in groups, each renewed every third of the ttl, or sooner again where nobody could say."""

    def __init__(self, store: EtcdStore, ttl: float) -> None:
        self._store = store
        self._ttl = ttl
        self._due: list[tuple[float, int, list[Session]]] = []
        self.report = Report()

    def open(self, count: int) -> None:
        """Open so many, and keep those that are open already meanwhile."""
        with ThreadPoolExecutor(OPENERS) as pool:
            for number in range(count // GROUP):
                opened = pool.map(lambda _: self._store.open_session(self._ttl, timeout=10.0), range(GROUP))
                spread = number * GROUP / count * self._ttl / 3
                self._due.append((time.monotonic() + self._ttl / 6 + spread / 2, number, list(opened)))
                heapq.heapify(self._due)
                self.renew_those_due()

    def keep(self, seconds: float) -> None:
        """For so long, and until each group was renewed since its last failure."""
        ends = time.monotonic() + seconds
        look = 0.0
        while time.monotonic() < ends:
            self.renew_those_due()
            if time.monotonic() >= look:
                self.report.look_at_threads()
                look = time.monotonic() + self._ttl / 3
            time.sleep(max(0.0, min(ends, self._due[0][0]) - time.monotonic()))

    def renew_those_due(self) -> None:
        """Whoever's time has come."""
        while self._due[0][0] <= time.monotonic():
            _, number, sessions = heapq.heappop(self._due)
            asked_at = time.monotonic()
            answers = self._store.renew_sessions(sessions, timeout=self._ttl / 4)
            failed = sum(isinstance(answer, StoreError) for answer in answers)
            lost = sum(answer is None for answer in answers)
            self.report.unclear += failed
            self.report.lost += lost
            self.report.count += len(sessions) - failed - lost
            pause = self._ttl / 24 if failed else self._ttl / 3
            heapq.heappush(self._due, (asked_at + pause, number, sessions))


def sessions(url: str, count: str, ttl: str, seconds: str) -> None:
    """Keep so many sessions by `renew_sessions`."""
    groups = Groups(open_store(url), float(ttl))
    groups.open(int(count))
    groups.keep(float(ttl) / 3)
    groups.report = Report()
    _wait_for_go()
    began = time.process_time()
    groups.keep(float(seconds))
    groups.report.cpu = time.process_time() - began
    groups.report.say()


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
    _wait_for_go()
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
