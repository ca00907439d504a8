"""A few threads that make the blocking requests of an event loop.

`concurrent.futures` would do it at twice the cost for each request, and would keep the interpreter
from exiting while a request hangs. Nothing in here knows about asyncio.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from coordination.errors import ConfigurationError, StoreUnavailable
from coordination.threads import started


class Lane:
    """Runs what is put, in its order, on `most` daemon threads started on demand; nothing may raise there."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._waiting: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._open = 0
        self._closed = False

    @property
    def idle(self) -> bool:
        """Nothing is under way or waiting."""
        return self._open == 0

    @property
    def alive(self) -> bool:
        """Whether a thread of it still runs."""
        return any(thread.is_alive() for thread in self._threads)

    def put(self, call: Callable[[], object]) -> None:
        """Run it soon. `StoreUnavailable` if no thread can be started for it: it will not run."""
        with self._mutex:
            if self._closed:
                raise ConfigurationError("this manager is closed; call connect() for a new one")
            if self._open >= len(self._threads) < self._most:
                self._grow()
            self._open += 1
            self._waiting.put(call)

    def close(self) -> None:
        """Take nothing more, and end the threads once they have done what was put before."""
        with self._mutex:
            self._closed = True
            for _ in self._threads:
                self._waiting.put(None)

    def _grow(self) -> None:
        try:
            self._threads.append(started(self._work, self._name))
        except StoreUnavailable:
            if not self._threads:
                raise

    def _work(self) -> None:
        while (call := self._waiting.get()) is not None:
            call()
            del call  # What it won must not live on until the next one comes.
            with self._mutex:
                self._open -= 1
