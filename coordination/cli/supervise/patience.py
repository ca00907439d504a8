"""What a wait goes by, and waiting in slices, so that a signal ends it between two steps.

An exception thrown into the middle of an acquisition could leave a lease that nobody knows of.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from coordination.cli.supervise.inbox import Inbox
from coordination.cli.supervise.report import Report
from coordination.cli.waiting import FIRST_CONTACT
from coordination.errors import AcquireTimeout, OutcomeUnknown, StoreUnavailable

SLICE = 0.5
"""Seconds that one step waits; what a signal may take to be heard."""

Result = TypeVar("Result")


class Interrupted(Exception):
    """A signal that ends programs came while waiting."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wait until `until` on the clock `now` (inf: for ever), and who is heard and told meanwhile.

    `known`: the store has answered before, in an earlier wait.
    """

    until: float
    inbox: Inbox
    report: Report
    now: Callable[[], float]
    known: bool = False

    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.until - self.now())

    def contact_by(self) -> float:
        """When a store must have answered that is asked for the first time now."""
        return self.until if self.known else min(self.until, self.now() + FIRST_CONTACT)

    def heed(self) -> None:
        """End the wait if a signal came meanwhile."""
        if (signum := self.inbox.take()) is not None:
            raise Interrupted(signum)


def wait_patiently(attempt: Callable[[float], Result], waiting: Waiting) -> Result:
    """Call `attempt(seconds)` until it answers.

    Raises `AcquireTimeout`, `Interrupted`, and the store's own errors. A store that has answered
    before is waited for; one that has not, only for `FIRST_CONTACT` or the timeout.
    """
    contact_by = waiting.contact_by()
    waiting.heed()
    while True:
        try:
            return attempt(min(SLICE, waiting.left()))
        except AcquireTimeout:
            waiting.heed()
            if waiting.now() >= waiting.until:
                raise
            contact_by = waiting.until
        except (StoreUnavailable, OutcomeUnknown) as error:
            waiting.heed()  # who was told to end is not asked what became of the store
            if waiting.now() >= contact_by:
                raise
            waiting.report.note("store-unreachable", error=str(error))
