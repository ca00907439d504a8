"""Tells of losses by the local deadline, even when everything else hangs.

It does no I/O and takes no lock that anybody holds over I/O, so a dead store, a stuck heartbeat or
a blocked callback cannot delay it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from coordination.clock import Clock

if TYPE_CHECKING:
    from coordination.belief import Belief

SLICE = 0.5
"""The longest wait, in seconds: after a suspend the clock has jumped but waiting has not."""


class Watchdog:
    """One daemon thread, started on demand, that looks at the deadlines of the leases it was given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mutex = threading.Lock()
        self._wake = threading.Event()
        self._leases: set[Belief] = set()
        self._thread: threading.Thread | None = None
        self._closing = False

    def add(self, lease: Belief) -> None:
        """Watch over `lease` until it is removed."""
        with self._mutex:
            self._leases.add(lease)
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._loop, name="coordination-watchdog", daemon=True)
                self._thread.start()
        self._wake.set()

    def remove(self, lease: Belief) -> None:
        """Watch over it no more."""
        with self._mutex:
            self._leases.discard(lease)

    def watched(self) -> list[Belief]:
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
            pause = SLICE if (leases := self.watched()) else None
            for lease in leases:
                if lease.lost is None:
                    left = lease.overdue_at - self._clock.now()
                    pause = min(SLICE if pause is None else pause, max(0.001, left))
            self._clock.wait(self._wake, pause)
