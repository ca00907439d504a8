"""Waiting for a name with a secret of one's own; a store out of reach is ridden out meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from coordination._blocking import BlockingRuntime
from coordination.lease import Lease
from coordination.manager import Manager
from coordination.runtime import run
from coordination.timing import Deadline
from coordination.waiting import LOOK_AGAIN, patiently

FIRST_CONTACT = 5.0
"""Seconds within which the store must have answered once; a wrong URL should not wait for ever."""

Attempt = Callable[[], Lease | None]


def acquire_within(manager: Manager, name: str, attempt: Attempt, limit: float | None) -> Lease | None:
    """Try until it works or `limit` seconds have passed (None: for ever; 0: once); None if it was held.

    Raises the store's error if that does not answer at all.
    """
    bound = Deadline(manager.clock, limit)
    patience = Deadline(manager.clock, FIRST_CONTACT if limit is None else min(limit, FIRST_CONTACT))
    runtime = BlockingRuntime(manager.clock)
    while True:
        lease = run(patiently(runtime, patience, attempt))
        if lease is not None or bound.passed:
            return lease
        patience = bound
        run(patiently(runtime, bound, lambda: _until_free(manager, name, bound.left(LOOK_AGAIN))))


def _until_free(manager: Manager, name: str, seconds: float) -> None:
    for lease in manager.watch(name, seconds):
        if lease is None:
            return
