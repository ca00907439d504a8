"""Getting a lock to run a command under, and what the supervisor sees of a hold."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from coordination.cli.supervise.apart import first_answer, wait_apart
from coordination.cli.supervise.patience import Waiting
from coordination.errors import AcquireTimeout, OutcomeUnknown
from coordination.hold import Hold
from coordination.lock import Lock
from coordination.manager import Manager
from coordination.term import Term
from coordination.timing import margin

NOISE = 0.001
"""Seconds by which a deadline seems to move because it is read off a running clock."""


@dataclass(frozen=True, slots=True)
class Locking:
    """The lock `name`; `ttl` in seconds. `yields`: TERM to the command when somebody asks for the lock."""

    name: str
    ttl: float
    metadata: Mapping[str, str]
    yields: bool

    def obtain(self, manager: Manager, waiting: Waiting) -> KeptHold:
        """Wait for its turn."""
        lock = manager.lock(self.name, ttl=self.ttl, metadata=self.metadata)
        hold = wait_in_line(manager, lock, waiting)
        hold.on_release_requested(partial(self._asked, waiting))
        return KeptHold(hold, self.ttl, waiting.now)

    def _asked(self, waiting: Waiting, _hold: object) -> None:
        waiting.report.note("release-requested")
        if self.yields:
            waiting.inbox.put(signal.SIGTERM)


class KeptHold:
    """A hold, or a term, with its end as a point on the clock `now`; `ttl` in seconds."""

    def __init__(self, hold: Hold | Term, ttl: float, now: Callable[[], float]) -> None:
        self._hold = hold
        self._now = now
        self._deadline = now()
        self.time_remaining = ttl

    @property
    def name(self) -> str:
        """What is held."""
        return self._hold.name

    @property
    def token(self) -> int:
        """The fencing token of this grant."""
        return self._hold.token

    @property
    def deadline(self) -> float:
        """A margin after the end of belief; never later than it is, and it never goes back."""
        now = self._now()  # Before the look, so that time passing in between only makes it earlier.
        remaining = self._hold.remaining
        deadline = now + remaining + margin(self.time_remaining)
        if remaining > 0 and deadline > self._deadline + NOISE:
            self._deadline = deadline
        return self._deadline

    @property
    def held(self) -> bool:
        """True only while it is certainly ours."""
        return self._hold.held

    @property
    def lost(self) -> str | None:
        """None, or why it is not ours any more."""
        return self._hold.lost

    def on_lost(self, callback: Callable[[Any, str], object], /) -> None:
        """Have `callback` called once, from some other thread."""
        self._hold.on_lost(callback)

    def release(self) -> bool:
        """Give it back; `OutcomeUnknown` if the store did not confirm that in time."""
        ours = self._hold.release()
        if self._hold.released is None:
            raise OutcomeUnknown("the store did not confirm the release in time")
        return ours


def wait_in_line(manager: Manager, lock: Lock, waiting: Waiting) -> Hold:
    """Wait for the lock as long as `waiting` says.

    Raises `AcquireTimeout`, the store's own errors, and `Interrupted`: then the place in the queue is
    there until the manager is closed. A store that has answered before is waited for.
    """
    return wait_apart(partial(_acquired, manager, lock, waiting), waiting)


def _acquired(manager: Manager, lock: Lock, waiting: Waiting) -> Hold:
    hold = first_answer(manager, lock.try_acquire, waiting)
    if hold is not None:
        return hold
    left = waiting.left()
    if left <= 0:
        raise AcquireTimeout(f"lock {lock.name!r} is held by another, and the timeout is over")
    return lock.acquire(None if math.isinf(left) else left)
