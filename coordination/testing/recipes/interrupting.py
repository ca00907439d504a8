"""A clock whose waits can be interrupted from another thread: what a KeyboardInterrupt is to whoever waits.

Threads cannot be cancelled, but whoever waits on this clock can have an exception raised there. It
also makes waits on a `FakeClock` prompt: they end as soon as the event is set.
"""

from __future__ import annotations

import math
import threading

from coordination.clock import Clock
from coordination.testing.clock import FakeClock

_GLANCE = 0.002
"""Real seconds, times the number of waiters, between two looks at a clock that is moved by hand."""

_GLANCE_AT_MOST = 0.05


class Interrupted(BaseException):
    """Raised in a waiting thread by `Interruptible.interrupt`; as KeyboardInterrupt, no `Exception`."""


class Interruptible:
    """A `Clock` around another one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mutex = threading.Lock()
        self._waits: dict[int, threading.Event] = {}
        self._interrupted: set[int] = set()

    def now(self) -> float:
        """As the clock inside."""
        return self._clock.now()

    def wall(self) -> float:
        """As the clock inside."""
        return self._clock.wall()

    def sleep(self, seconds: float) -> None:
        """As the clock inside."""
        self._clock.sleep(seconds)

    def wait(self, event: threading.Event, timeout: float | None) -> bool:
        """As the clock inside, until this thread is interrupted: then it raises `Interrupted`, once."""
        thread = threading.get_ident()
        with self._mutex:
            self._waits[thread] = event
        try:
            self._check(thread)
            rung = self._wait(event, timeout)
        finally:
            with self._mutex:
                del self._waits[thread]
        self._check(thread)
        return rung

    def interrupt(self, thread: int) -> None:
        """Have the wait of this thread raise, the one under way or the next one."""
        with self._mutex:
            self._interrupted.add(thread)
            event = self._waits.get(thread)
        if event is not None:
            event.set()

    def forget(self, thread: int) -> None:
        """It need not be interrupted any more: it has ended, and another may get its number."""
        with self._mutex:
            self._interrupted.discard(thread)

    def _check(self, thread: int) -> None:
        with self._mutex:
            if thread not in self._interrupted:
                return
            self._interrupted.discard(thread)
        raise Interrupted

    def _wait(self, event: threading.Event, timeout: float | None) -> bool:
        if not isinstance(self._clock, FakeClock):
            return self._clock.wait(event, timeout)
        until = math.inf if timeout is None else self._clock.until(timeout)
        while self.now() < until:
            if event.wait(min(_GLANCE * len(self._waits), _GLANCE_AT_MOST)):
                return True
        return event.is_set()
