"""Runs the user's callbacks, on threads of its own: never on the heartbeat, a watch or the wire.

A few daemon threads are started on demand and end when idle, so one callback that sleeps does not
hold up the news of another loss, and nothing keeps the interpreter from exiting. Events about
losses go through one more thread, because a log handler may block: it then holds up other events,
never the news.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from coordination.errors import StoreUnavailable
from coordination.hooks import Events
from coordination.threads import started

MOST_THREADS = 4


class Lane:
    """Runs callables in the order they came, on at most so many threads; `failed` gets their errors."""

    def __init__(self, most: int, failed: Callable[[BaseException], None]) -> None:
        self._most = most
        self._failed = failed
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._waiting: deque[Callable[[], object]] = deque()
        self._running = 0

    def put(self, call: Callable[[], object]) -> None:
        """Run `call` soon; returns at once, and never raises."""
        with self._mutex:
            self._waiting.append(call)
        self.start()

    def start(self) -> bool:
        """Start one thread more if that helps; False if calls are left for which there is none at all."""
        with self._mutex:
            if not self._waiting or self._running >= self._most:
                return True
            try:
                started(self._drain, "coordination-notifier")
            except StoreUnavailable:
                return self._running > 0
            self._running += 1
            return True

    @property
    def idle(self) -> bool:
        """Nothing is under way or waiting."""
        with self._mutex:
            return not self._waiting and not self._running

    def _drain(self) -> None:
        while True:
            with self._mutex:
                if not self._waiting:
                    self._running -= 1
                    return
                call = self._waiting.popleft()
            try:
                call()
            except BaseException as error:  # noqa: BLE001 - the user's code may raise anything, also SystemExit
                self._failed(error)


class Notifier:
    """Four threads at most for the callbacks, whose errors are told as events, and one for events."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._calls = Lane(MOST_THREADS, self._raised)
        self._log = Lane(1, self._raised)

    def run(self, call: Callable[[], object]) -> None:
        """Run `call` soon; returns at once, and never raises."""
        self._calls.put(call)

    def warning(self, event: str, **fields: Any) -> None:
        """Tell of it soon; returns at once, whatever the log handlers do."""
        self._log.put(partial(self._events.warning, event, **fields))

    def finish(self, timeout: float) -> None:
        """Wait, so many seconds at most, until the events so far are told: the process may be ending."""
        if self._log.idle or not self._log.start():
            return
        done = threading.Event()
        self._log.put(done.set)
        done.wait(timeout)

    def start(self) -> bool:
        """Try once more where no thread could be started; False while something still waits for one."""
        return all([self._calls.start(), self._log.start()])

    def _raised(self, error: BaseException) -> None:
        self.warning("callback-raised", error=repr(error))
