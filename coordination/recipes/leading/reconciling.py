"""Doing something at once, then whenever something happened, and once per interval if nothing did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from coordination.runtime import Runtime, Signal


async def reconciling(
    runtime: Runtime,
    happened: Signal,
    over: Callable[[], bool],
    act: Callable[[], Awaitable[object]],
    interval: float,
) -> None:
    """Until `over`; what happens while it acts is acted upon once more."""
    while not over():
        happened.clear()
        if over():  # Whoever says so sets the signal after it, which may have been cleared just now.
            return
        await act()
        if not over():
            await runtime.wait(happened, interval)
