"""Stores that watch leases, with what they were told and what it cost, for the tests of watches."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from coordination.errors import StoreError
from coordination.record import Record, lease_key
from coordination.stores.consul.opening import open_store
from coordination.stores.consul.query import THREAD
from coordination.stores.consul.store import ConsulStore
from integration.servers.cluster_suite import eventually
from integration.servers.http_proxy import HttpProxy
from integration.servers.http_wire import Request

SOON = 2.0
"""Seconds; the store is much faster, a busy test machine is not."""


class Told:
    """What the subscriptions of one test were told, and when."""

    def __init__(self) -> None:
        self.news: list[tuple[str, int, float]] = []

    def __call__(self, key: str, index: int) -> None:
        self.news.append((key, index, time.monotonic()))

    def within(self, seconds: float, key: str, index: int) -> bool:
        """Whether just this comes within so many seconds."""
        return eventually(lambda: (key, index) in [(name, at) for name, at, _ in list(self.news)], seconds)


@contextmanager
def stores(*targets: str) -> Iterator[list[ConsulStore]]:
    """Handles to one prefix that no other test uses, each by its own way to the server."""
    prefix = f"watches-{secrets.token_hex(6)}"
    opened = [open_store(f"consul://{target}/{prefix}") for target in targets]
    try:
        yield opened
    finally:
        for store in opened:
            store.close()


def leases(store: ConsulStore, count: int, name: str = "") -> list[Record]:
    """As many records on one session."""
    session = store.open_session(60.0, timeout=10.0)
    made = [
        store.create(lease_key("n", f"{name}{number}"), b"", session, timeout=10.0) for number in range(count)
    ]
    return [record for record in made if record is not None]


def moved(store: ConsulStore, record: Record) -> Record:
    """A rewrite of it, by whomever."""
    session = store.open_session(60.0, timeout=10.0)
    written = store.replace(record.key, b"", session, record.index, timeout=10.0)
    assert written is not None
    return written


def watch_requests(way: HttpProxy) -> int:
    """Long polls and looks, but no renewals."""

    def asks(request: Request) -> bool:
        return request.method == "GET" or "consistent" in request.query

    return len(way.asked(asks))


def threads() -> int:
    """How many queries run."""
    return sum(thread.name == THREAD for thread in threading.enumerate())


def writes(store: ConsulStore) -> bool:
    """Whether it takes a write now."""
    try:
        store.close_session(store.open_session(10.0, timeout=2.0), timeout=2.0)
    except StoreError:
        return False
    return True


@contextmanager
def every(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, by another thread, again and again."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(seconds):
            act()

    with ThreadPoolExecutor(1) as pool:
        acting = pool.submit(run)
        try:
            yield
        finally:
            stop.set()
            acting.result(30.0)
