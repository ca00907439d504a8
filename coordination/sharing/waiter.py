"""One call that waits for its turn, and what its line was told of those ahead."""

from __future__ import annotations

import threading

from coordination.runtime import Signal

MOST = 256
"""Departures that a line remembers: many times what can happen between an answer and the next step."""


class Waiter:
    """One call that waits for its turn."""

    __slots__ = ("asked", "covered", "created", "look", "signal", "waits_for")

    def __init__(self) -> None:
        self.signal: Signal | None = None
        self.created = 0
        self.asked = 0
        self.waits_for = ""
        self.covered = False
        self.look = False

    def wake(self, *, look: bool) -> None:
        """Have it go on, and look at the queue first if something happened there."""
        if look:
            self.look = True
        if self.signal is not None:
            self.signal.set()


class Recently:
    """The last departures: one may be told before anybody waits for it, and long after it was asked for."""

    def __init__(self) -> None:
        self._mutex = threading.RLock()
        self._keys: dict[str, int] = {}
        self.count = 0

    def add(self, key: str) -> None:
        """It is gone."""
        with self._mutex:
            self.count += 1
            self._keys.pop(key, None)
            self._keys[key] = self.count
            if len(self._keys) > MOST:
                del self._keys[next(iter(self._keys))]

    def since(self, key: str, count: int) -> bool:
        """Whether it was told after so many."""
        return self._keys.get(key, 0) > count
