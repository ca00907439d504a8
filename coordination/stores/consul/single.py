"""Watching one key by a query of its own, which wakes for that key alone while the key is there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from coordination.stores.consul.answers import entries, nonsense
from coordination.stores.consul.keys import path_of
from coordination.stores.consul.message import Answer
from coordination.stores.consul.query import Asking
from coordination.stores.consul.watched import Watched

DEPARTED = 1.0
"""Seconds before a contender that is gone is asked for again: it never comes back, and soon nobody asks."""


class Single:
    """What the query of one key asks for, and what becomes of the answers."""

    def __init__(self, watched: Watched, mutex: threading.RLock) -> None:
        self._watched = watched
        self._mutex = mutex
        self._asking: Asking = path_of(watched.stored), ""
        self.pause: Callable[[float], object] = lambda _: None
        """The query's."""

    def asking(self) -> Asking:
        """The key, with its value: there is no way to ask for less."""
        return self._asking

    def take(self, answer: Answer) -> None:
        """Tell if it is other than it was."""
        index = self._index(answer)
        with self._mutex:
            folded = self._watched.branch is not None  # Who looks at it now knows better.
            told = [] if folded else self._watched.found(index)
        self._watched.tell(told, index)
        if index == 0 and self._watched.is_contender:
            self.pause(DEPARTED)

    def _index(self, answer: Answer) -> int:
        there = entries(answer)
        if not there:
            return 0
        if there[0].key != self._watched.stored:
            raise nonsense("another key than the one that was asked for")
        return there[0].index
