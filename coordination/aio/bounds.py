"""The bound of a call whose requests may have to wait for a thread: slow stores, and many who ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from coordination.clock import Clock, SystemClock
from coordination.errors import CoordinationError, OutcomeUnknown, StoreUnavailable

LATE = "the store, or a thread to ask it, was not there in time; try again"

GRACE = 0.3
"""Seconds over its bound that a call waits for an answer that may be on its way."""


@asynccontextmanager
async def bounded(
    clock: Clock, seconds: float | None, late: Callable[[], CoordinationError] | None = None
) -> AsyncIterator[None]:
    """Raise `late()` if the block takes longer; what is under way is left to whoever undoes the cancelled.

    In real time, so not where time is made by hand.
    """
    real = isinstance(clock, SystemClock) and seconds is not None
    scope = asyncio.timeout(seconds + GRACE if real and seconds is not None else None)
    try:
        async with scope:
            yield
    except TimeoutError as error:
        if isinstance(error, CoordinationError) or not scope.expired():
            raise
        raise (late or absent)() from error


def absent() -> StoreUnavailable:
    """Nothing was done, or it is undone."""
    return StoreUnavailable(LATE)


def unknown() -> OutcomeUnknown:
    """It may have been done."""
    return OutcomeUnknown(LATE)
