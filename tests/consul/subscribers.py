"""Who watches leases, in the tests of watches, and what he was told."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs

from coordination.stores.consul.query import THREAD
from coordination.stores.consul.watched import Watching
from coordination.stores.consul.watches import Watches
from tests.consul.polled import FakeConsul, eventually

FOLDER = "n/leases/"


def key(number: int) -> str:
    """One of many leases."""
    return f"{FOLDER}{number:04}"


def threads() -> int:
    """How many queries run."""
    return sum(thread.name == THREAD for thread in threading.enumerate())


class Subscriber:
    """What one subscription was told."""

    def __init__(self, watches: Watches, prefix: str, after: int = 0) -> None:
        self.told: list[tuple[str, int]] = []
        self.watching: Watching = watches.watch(prefix, after, self._notify, timeout=5.0)

    def _notify(self, key: str, index: int) -> None:
        self.told.append((key, index))

    def hears(self, *news: tuple[str, int]) -> bool:
        """All of it, perhaps among other things."""
        return eventually(lambda: set(news) <= set(self.told))


def guarded(consul: FakeConsul, watches: Watches, count: int) -> list[Subscriber]:
    """As many leases as that, each watched by its holder."""
    indexes = [consul.put(key(number)) for number in range(count)]
    return [Subscriber(watches, key(number), index) for number, index in enumerate(indexes)]


def fold_waits(consul: FakeConsul, index: int = 0) -> bool:
    """Whether a round is over, and the fold's query asks for what comes after this index."""
    asked = [parse_qs(query).get("index", ["0"])[0] for _, query in consul.polls if "separator" in query]
    return any(int(last) >= max(1, index) for last in asked)
