"""Tells of losses by the local deadline, even when everything else hangs.

It does no I/O and takes no lock that anybody holds over I/O, so a dead store, a stuck heartbeat or
a blocked callback cannot delay it.
"""

from __future__ import annotations

import threading

from coordination.clock import Clock
from coordination.notifier import Notifier
from coordination.sharing.keeping import Watched
from coordination.threads import started

SLICE = 0.5
"""The longest wait, in seconds: after a suspend the clock has jumped but waiting has not."""


class Watchdog:
    """One daemon thread, started on demand, that looks at the deadlines of the leases it was given."""

    def __init__(self, clock: Clock, notifier: Notifier) -> None:
        self._clock = clock
        self._notifier = notifier
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._wake = threading.Event()
        self._leases: set[Watched] = set()
        self._thread: threading.Thread | None = None
        self._closing = False

    def add(self, lease: Watched) -> None:
        """Watch over `lease` until it is removed; `StoreUnavailable`, and not watched, without a thread."""
        self.start()
        with self._mutex:
            self._leases.add(lease)
        self._wake.set()

    def start(self) -> None:
        """Have the thread run; `StoreUnavailable` if it cannot be started."""
        with self._mutex:
            if self._thread is None and not self._closing:
                self._thread = started(self._loop, "coordination-watchdog")

    @property
    def dead(self) -> bool:
        """Whether the thread ended although nobody closed it."""
        thread = self._thread
        return thread is not None and not thread.is_alive() and not self._closing

    def remove(self, lease: Watched) -> None:
        """Watch over it no more."""
        with self._mutex:
            self._leases.discard(lease)
        self._wake.set()  # If it was lost, the news of that may be waiting for a thread.

    def watched(self) -> list[Watched]:
        """The leases under watch."""
        with self._mutex:
            return list(self._leases)

    def close(self) -> None:
        """End the thread."""
        self._closing = True
        self._wake.set()

    def _loop(self) -> None:
        while True:
            self._wake.clear()  # Before looking whether to end, so that no call of close() is missed.
            if self._closing:
                return
            pauses = [self._look(lease) for lease in self.watched()]
            if not self._notifier.start():
                pauses.append(SLICE)
            self._clock.wait(self._wake, min(pauses, default=None))

    def _look(self, lease: Watched) -> float:
        """Tell of it if it is lost; how long until it has to be looked at again."""
        try:
            left = lease.overdue_at - self._clock.now()
            # `lost` takes five times as long, which counts with a thousand leases and two looks a second.
            if left > 0 or lease.lost is None:
                return min(SLICE, max(0.001, left))
        except Exception as error:  # noqa: BLE001 - one lease must not end the watch over the others
            self._notifier.warning("watchdog-look-failed", name=lease.name, error=repr(error))
        return SLICE
