"""Waiting for the lease in slices, so that a signal ends it between two steps and leaves nothing behind.

An exception thrown into the middle of an acquisition could leave a lease that nobody knows of.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import TypeVar

from coordination.cli.supervise.inbox import Inbox
from coordination.cli.supervise.report import Report
from coordination.errors import AcquireTimeout, OutcomeUnknown, StoreUnavailable

SLICE = 0.5
"""Seconds that one step waits; what a signal may take to be heard."""

FIRST_CONTACT = 5.0
"""Seconds within which the store must have answered once; a wrong URL should not wait for ever."""

Result = TypeVar("Result")


class Interrupted(Exception):
    """A signal that ends programs came while waiting."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


def wait_patiently(
    attempt: Callable[[float], Result],
    timeout: float | None,
    *,
    inbox: Inbox,
    report: Report,
    now: Callable[[], float],
) -> Result:
    """Call `attempt(seconds)` until it answers; `timeout` in seconds, None for ever.

    Raises `AcquireTimeout`, `Interrupted`, and the store's own errors. A store that has answered
    before is waited for; one that has not, only for `FIRST_CONTACT` or the timeout.
    """
    begun = now()
    until = float("inf") if timeout is None else begun + timeout
    contact_by = min(until, begun + FIRST_CONTACT)
    _heed(inbox)
    while True:
        try:
            return attempt(max(0.0, min(SLICE, until - now())))
        except AcquireTimeout:
            _heed(inbox)
            if now() >= until:
                raise
            contact_by = until
        except (StoreUnavailable, OutcomeUnknown) as error:
            _heed(inbox)  # who was told to end is not asked what became of the store
            if now() >= contact_by:
                raise
            report.note("store-unreachable", error=str(error))


def _heed(inbox: Inbox) -> None:
    """End the wait if a signal came meanwhile."""
    if (signum := inbox.take()) is not None:
        raise Interrupted(signum)
