"""A number of places, taken in the order in which they were asked for."""

from __future__ import annotations

import threading
import weakref
from collections import deque

from coordination.clock import SystemClock
from coordination.timing import Deadline

LOOK_AGAIN = 0.25
"""Seconds after which a waiter looks by itself: a place may be free without anybody having given it back."""


class Place:
    """One of them, for as long as this object lives or until it is given back."""

    __slots__ = ("__weakref__",)


class Places:
    """Like a semaphore, but fair: who comes again and again does not overtake those who wait.

    Nothing is counted but what is held: an exception out of a signal handler can strike between any
    two steps, and drops what the caller would have given back. For the same reason the lock may be
    entered again.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._mutex = threading.RLock()
        self._held: weakref.WeakSet[Place] = weakref.WeakSet()
        self._waiting: deque[threading.Event] = deque()

    def take(self, timeout: float) -> Place | None:
        """Wait for a place; None if there was none in time."""
        place = Place()
        with self._mutex:
            if not self._waiting and len(self._held) < self._number:
                self._held.add(place)
                return place
        return self._awaited(place, Deadline(SystemClock(), timeout), timeout)

    def give(self, place: Place) -> None:
        """Leave it to whoever has waited longest."""
        with self._mutex:
            self._held.discard(place)
            self._wake()

    def _awaited(self, place: Place, bound: Deadline, timeout: float) -> Place | None:
        ours = threading.Event()
        self._waiting.append(ours)
        try:
            while not bound.passed:
                ours.wait(min(LOOK_AGAIN, bound.left(timeout)))
                with self._mutex:
                    if self._waiting[0] is ours and len(self._held) < self._number:
                        self._held.add(place)
                        return place
                    ours.clear()
            return None
        finally:
            with self._mutex:
                self._waiting.remove(ours)
                self._wake()

    def _wake(self) -> None:
        if self._waiting and len(self._held) < self._number:
            self._waiting[0].set()
