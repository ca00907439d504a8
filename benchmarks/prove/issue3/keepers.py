"""A program that keeps the records of one session and does nothing else; see benchmarks/prove/keepers.py."""

from __future__ import annotations

import time

from benchmarks.prove.keepers import Report, wait_for_go
from coordination.record import Session
from coordination.stores.consul.opening import open_store
from coordination.stores.consul.store import ConsulStore

FOLDER = "/leases/"


class Kept:
    """A session, renewed every third of its ttl."""

    def __init__(self, store: ConsulStore, session: Session) -> None:
        self._store = store
        self._session = session
        self._due = time.monotonic() + session.ttl / 3
        self.report = Report()

    def renew_if_due(self) -> None:
        """Once a third of the ttl has passed since the last time."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + self._session.ttl / 3
        renewed = self._store.renew_session(self._session, timeout=self._session.ttl / 4)
        self.report.count += renewed is not None
        self.report.lost += renewed is None
        self.report.look_at_threads()

    def keep(self, seconds: float) -> None:
        """For so long."""
        ends = time.monotonic() + seconds
        while (now := time.monotonic()) < ends:
            time.sleep(max(0.0, min(ends, self._due) - now))
            self.renew_if_due()


def records(url: str, count: str, ttl: str, seconds: str) -> None:
    """Keep so many records on one session, and watch them, as their holder would."""
    store = open_store(url)
    session = store.open_session(float(ttl), timeout=10.0)
    kept = Kept(store, session)
    told: list[str] = []
    for number in range(int(count)):
        assert store.create(f"{FOLDER}unit-{number}", b"v" * 200, session, timeout=10.0) is not None
        kept.renew_if_due()
    watch = store.watch(FOLDER, 0, lambda key, _index: told.append(key), timeout=10.0)
    before = {record.key: record.index for record in store.list(FOLDER, timeout=10.0)}
    kept.keep(float(ttl) / 3)
    kept.report = report = Report()
    wait_for_go()
    began = time.process_time()
    kept.keep(float(seconds))
    report.cpu = time.process_time() - began
    after = {record.key: record.index for record in store.list(FOLDER, timeout=10.0)}
    report.lost += int(count) - len(before.items() & after.items())
    report.say()
    watch.close()
    store.close()
