"""Runs the user's callbacks, on threads of its own: never on the heartbeat, a watch or the wire.

A few daemon threads are started on demand and end when idle, so one callback that sleeps does not
hold up the news of another loss, and nothing keeps the interpreter from exiting.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from coordination.hooks import Events

MOST_THREADS = 4


class Notifier:
    """Runs callables in the order they came, at most four at a time; their errors are told as events."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._mutex = threading.Lock()
        self._waiting: deque[Callable[[], object]] = deque()
        self._running = 0

    def run(self, call: Callable[[], object]) -> None:
        """Run `call` soon; returns at once."""
        with self._mutex:
            self._waiting.append(call)
            if self._running >= MOST_THREADS:
                return
            self._running += 1
        threading.Thread(target=self._drain, name="coordination-notifier", daemon=True).start()

    def _drain(self) -> None:
        while True:
            with self._mutex:
                if not self._waiting:
                    self._running -= 1
                    return
                call = self._waiting.popleft()
            try:
                call()
            except Exception as error:  # noqa: BLE001 - the user's code may raise anything
                self._events.warning("callback-raised", error=repr(error))
