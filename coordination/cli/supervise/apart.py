"""Waiting on a thread of its own, for waits that must not be cut into slices.

A place in a queue would be lost at every slice, and so would a takeover that has to be waited out. Who
is interrupted closes the manager, which ends the wait, and whatever it has won or still wins.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from coordination.cli.supervise.patience import SLICE, Waiting
from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.manager import Manager
from coordination.threads import started

PAUSE = 0.2
"""Seconds between two tries at a store that has not answered yet."""

Result = TypeVar("Result")


def wait_apart(wait: Callable[[], Result], waiting: Waiting) -> Result:
    """What `wait` answers or raises on a thread of its own, or `Interrupted`: then it goes on there."""
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(wait())
        except Exception as error:  # noqa: BLE001 - raised by whoever waits for the result
            outcome.set_exception(error)
        waiting.inbox.wake()

    waiting.heed()
    started(run, "coordination-apart")
    while not outcome.done():
        waiting.inbox.wait(SLICE)
        waiting.heed()
    return outcome.result()


def first_answer(manager: Manager, ask: Callable[[], Result], waiting: Waiting) -> Result:
    """What the store answers; one that does not answer at all is not waited for as long as a turn is."""
    contact_by = waiting.contact_by()
    while True:
        try:
            return ask()
        except (StoreUnavailable, OutcomeUnknown) as error:
            if waiting.now() >= contact_by:
                raise
            waiting.report.note("store-unreachable", error=str(error))
            manager.clock.sleep(PAUSE)
