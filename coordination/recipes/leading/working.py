"""The work that `run` runs under a term, as others may stop it and arrange what comes after it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from coordination.runtime import Runtime, Signal

SLICE = 60.0
"""Seconds after which somebody who waits for the end looks for himself."""


@dataclass(frozen=True, slots=True)
class Heir:
    """Who is to have it next, and for how many seconds it is kept for him."""

    machine_id: str
    timeout: float


class Stopping:
    """What an event of the user's is to bring about, which is something else at each stage."""

    def __init__(self) -> None:
        self._act: Callable[[], object] | None = None
        self._happened = False

    def then(self, act: Callable[[], object]) -> None:
        """Do this from now on; at once if it has happened. Perhaps twice."""
        self._act = act
        if self._happened:
            act()

    def happen(self) -> None:
        """It has happened; on any thread."""
        self._happened = True
        if self._act is not None:
            self._act()


class Working:
    """One callback under way. `stop` tells it to stop; `inside` says whether that very callback asks."""

    def __init__(self, stop: Callable[[], object], inside: Callable[[], bool]) -> None:
        self.stop = stop
        self.inside = inside
        self.handed_over = False
        self.released = False
        self._mutex = threading.RLock()  # A signal handler may come back here.
        self._heir: Heir | None = None
        self._closed = False
        self._over = False
        self._waiting: list[Signal] = []

    def arrange(self, heir: Heir | None) -> bool:
        """What becomes of the term when the work has ended (None: released for all); False if it has."""
        with self._mutex:
            if not self._closed:
                self._heir = heir
            return not self._closed

    @property
    def heir(self) -> Heir | None:
        """Who is to have it then, as arranged so far."""
        return self._heir

    def close(self) -> Heir | None:
        """The work has ended; what was arranged."""
        with self._mutex:
            self._closed = True
            return self._heir

    def over(self, *, handed_over: bool, released: bool) -> None:
        """The term is given up as well."""
        with self._mutex:
            self.handed_over, self.released, self._over = handed_over, released, True
            waiting, self._waiting = self._waiting, []
        for signal in waiting:
            signal.set()

    async def wait(self, runtime: Runtime) -> None:
        """Wait until the term is given up, however long the work takes to end."""
        signal = runtime.signal()
        with self._mutex:
            self._waiting.append(signal)
        while not self._over:
            await runtime.wait(signal, SLICE)
