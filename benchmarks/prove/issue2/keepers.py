"""A program that keeps many sessions alive and does nothing else; see benchmarks/prove/keepers.py."""

from __future__ import annotations

import heapq
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.prove.keepers import OPENERS, Report, wait_for_go
from coordination.errors import StoreError
from coordination.record import Session
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore

GROUP = 500
"""Sessions that are renewed by one call, so that the load is even."""


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
    wait_for_go()
    began = time.process_time()
    groups.keep(float(seconds))
    groups.report.cpu = time.process_time() - began
    groups.report.say()
