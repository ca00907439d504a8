"""A lock that is held, and what its holder hears."""

from __future__ import annotations

import queue
import time

from coordination import Hold, Manager
from coordination.record import Record, key_of
from coordination.sharing.values import LOCKS
from coordination.store import Store


class Held:
    """A lock, held from now on; `told` has the wall clock's time and the reason of its loss."""

    def __init__(self, manager: Manager, name: str, ttl: float) -> None:
        self.told: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()
        self.hold: Hold = manager.lock(name, ttl=ttl).acquire(timeout=10.0)
        self.hold.on_lost(lambda _hold, reason: self.told.put((time.time(), reason)))

    @property
    def held(self) -> bool:
        """Whether its holder still believes in it."""
        return self.hold.held


def queue_of(store: Store, name: str) -> list[Record]:
    """The contenders for a name, whose they ever are."""
    return store.list(f"{key_of('', LOCKS, name)}/", timeout=5.0)
