"""Waiting for a name with a secret of one's own; a store out of reach is ridden out meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from coordination._blocking import BlockingRuntime
from coordination.lease import Lease
from coordination.manager import Manager
from coordination.runtime import run
from coordination.timing import Deadline
from coordination.waiting import LOOK_AGAIN, patiently

Attempt = Callable[[], Lease | None]


def acquire_within(manager: Manager, name: str, attempt: Attempt, limit: float | None) -> Lease | None:
    """Try until it works or `limit` seconds have passed (None: for ever; 0: once); None if it was held."""
    bound = Deadline(manager.clock, limit)
    runtime = BlockingRuntime(manager.clock)
    while True:
        lease = run(patiently(runtime, bound, attempt))
        if lease is not None or bound.passed:
            return lease
        run(patiently(runtime, bound, lambda: _until_free(manager, name, bound.left(LOOK_AGAIN))))


def _until_free(manager: Manager, name: str, seconds: float) -> None:
    for lease in manager.watch(name, seconds):
        if lease is None:
            return
