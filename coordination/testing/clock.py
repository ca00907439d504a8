"""A clock that stands still until it is told to move, for tests that must not wait.

The idea is trio's MockClock: whoever waits on the clock is woken by `advance`, and a thread that
sleeps moves the clock itself, so nothing can hang for want of a second thread. Nor does it hang for
being late: a wait is counted from when its thread last looked at the clock, as its timeout was, so
that an `advance` between the look and the wait is not missed.
"""

from __future__ import annotations

import math
import threading
import time

from coordination.clock import Waitable

_POLL = 0.002
"""Real seconds between two looks of a lone waiter at its event, which may be set while the clock
stands still. An event tells nobody else that it was set, so waiters have to look."""

_POLL_AT_MOST = 0.1
"""The same when there are many: together they look about as often as one would, however many."""

_TURNS = 5
"""Naps that `settle` is made of. Each ends late where threads are made to wait for the processor, as
those are that it waits for: so it lasts longer just where they need longer."""


class FakeClock:
    """A `Clock` under the test's control. Thread-safe. All arguments in seconds."""

    def __init__(self, now: float = 1_000.0, wall: float = 1_700_000_000.0) -> None:
        self._moved = threading.Condition()
        self._now = now
        self._wall_ahead = wall - now
        self._waiting: set[int] = set()
        self._seen = threading.local()

    @property
    def waiters(self) -> int:
        """How many threads are in `wait` now; a test advances the clock once they all are."""
        return len(self._waiting)

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks, and wake who waited for it."""
        if seconds < 0:
            raise ValueError("time does not run backwards; use step_wall() for a wall clock that does")
        with self._moved:
            self._now += seconds
            self._seen.now = self._now  # Who moves it knows where it stands.
            self._moved.notify_all()

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock forwards or backwards, as NTP or an operator would; no time passes."""
        with self._moved:
            self._wall_ahead += seconds
            self._moved.notify_all()

    def now(self) -> float:
        """Seconds on the clock that never steps."""
        self._seen.now = now = self._now
        return now

    def wall(self) -> float:
        """Unix seconds."""
        return self._now + self._wall_ahead

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once: the sleeper moves the clock."""
        self.advance(max(0.0, seconds))

    def until(self, timeout: float) -> float:
        """When a wait of `timeout` ends that this thread begins now: so long after its last look.

        The end of a wait is a look, too. For a thread without any it is so long from now.
        """
        seen: float = getattr(self._seen, "now", self._now)
        return seen + timeout

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        """Wait until `event` is set, or `advance` has moved the clock by `timeout` since it was looked at."""
        thread = threading.get_ident()
        with self._moved:
            until = math.inf if timeout is None else self.until(timeout)
            self._waiting.add(thread)
            try:
                while not event.is_set() and self._now < until:
                    self._moved.wait(min(_POLL * len(self._waiting), _POLL_AT_MOST))
            finally:
                self._waiting.remove(thread)
            self._seen.now = self._now
        return event.is_set()

    def settle(self, seconds: float = 0.05) -> None:
        """Give background threads this much *real* time to act on where the clock now stands.

        It takes longer on a busy machine, where they need longer.
        """
        for _ in range(_TURNS):
            time.sleep(seconds / _TURNS)

    def __repr__(self) -> str:
        return f"FakeClock(now={self._now}, wall={self.wall()})"
