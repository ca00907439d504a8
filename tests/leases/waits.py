"""Calls that wait, on threads of their own, and how soon they end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from coordination.errors import CoordinationError
from coordination.testing import FakeClock

SOON = 5.0
"""Seconds of the fake clock in which a wait that nobody waits for any more has to end."""


class Waiting:
    """A call on a thread of its own, and what it raised."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self.error: CoordinationError | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except CoordinationError as error:
            self.error = error

    def ends(self, clock: FakeClock) -> None:
        """Soon, as time passes."""
        until = clock.now() + SOON
        while self.thread.is_alive() and clock.now() < until:
            clock.advance(0.05)
            self.thread.join(0.01)
        self.thread.join(5.0)
        assert not self.thread.is_alive(), "it waits for ever"
