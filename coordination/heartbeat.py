"""A thread that does I/O in the background: renewals and looks; a second one cleans up.

Jobs are small callables on a heap, by when they are due; each answers when it wants to run again.
Spare jobs are on a second heap and run only where no other job is due, so that however many there
are, a renewal waits for one of them at most. A job's own errors never end the thread. If the thread
dies all the same, nobody is deceived: belief ends at the local deadline, and the watchdog, which is
another thread, tells of it.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from contextlib import suppress

from coordination.clock import Clock
from coordination.errors import StoreUnavailable
from coordination.hooks import Events
from coordination.threads import started

Job = Callable[[], float | None]
"""Runs once; answers the point on the clock at which to run again, or None for never."""

_Entry = tuple[float, int, Job]
"""When it is due, a number that keeps the order of those due at once, and the job."""


class Heartbeat:
    """Runs jobs at their time, one after the other, on one daemon thread started on demand."""

    def __init__(self, clock: Clock, events: Events, name: str = "coordination-heartbeat") -> None:
        self._name = name
        self._clock = clock
        self._events = events
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._wake = threading.Event()
        self._first: list[_Entry] = []
        self._spare: list[_Entry] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None
        self._closing = False

    def at(self, due: float, job: Job, *, spare: bool = False) -> None:
        """Run `job` at `due`, or as soon after it as the jobs before it allow; never raises."""
        with self._mutex:
            heapq.heappush(self._spare if spare else self._first, (due, next(self._order), job))
        with suppress(StoreUnavailable):  # Without a thread the job waits: the next call tries again.
            self.start()
        self._wake.set()

    def start(self) -> None:
        """Have the thread run; `StoreUnavailable` if it cannot be started."""
        with self._mutex:
            if self._thread is None and not self._closing:
                self._thread = started(self._loop, self._name)

    @property
    def dead(self) -> bool:
        """Whether the thread ended although nobody closed it."""
        thread = self._thread
        return thread is not None and not thread.is_alive() and not self._closing

    def close(self) -> None:
        """Run nothing more; a job under way is not waited for."""
        self._closing = True
        self._wake.set()

    def _loop(self) -> None:
        while True:
            self._wake.clear()  # Before looking whether to end, so that no call of close() is missed.
            if self._closing:
                return
            job, spare, pause = self._next()
            if job is None:
                self._clock.wait(self._wake, pause)
                continue
            try:
                again = job()
            except Exception as error:  # noqa: BLE001 - one job must not end the others
                self._events.warning("heartbeat-job-failed", error=repr(error))
                again = self._clock.now() + 1.0
            if again is not None:
                self.at(again, job, spare=spare)

    def _next(self) -> tuple[Job | None, bool, float | None]:
        """The job that is due, and whether it is a spare one; or how long until the next one is."""
        with self._mutex:
            now = self._clock.now()
            for heap in (self._first, self._spare):
                if heap and heap[0][0] <= now:
                    return heapq.heappop(heap)[2], heap is self._spare, None
            dues = [heap[0][0] for heap in (self._first, self._spare) if heap]
            # The clock counts suspend, but waiting may not: look again once a second.
            return None, False, min(min(dues) - now, 1.0) if dues else None
