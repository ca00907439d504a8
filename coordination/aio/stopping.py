"""Hearing of an `asyncio.Event` of the user's, while something else is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from coordination.errors import ConfigurationError


@asynccontextmanager
async def relayed(stop: asyncio.Event | None, call: Callable[[], object]) -> AsyncIterator[None]:
    """Call `call` once on the event loop when `stop` is set within the block."""
    if stop is None:
        yield
        return
    if not isinstance(stop, asyncio.Event):
        raise ConfigurationError(f"stop must be an asyncio.Event, not {stop!r}")
    if stop.is_set():
        call()

    async def listen() -> None:
        await stop.wait()
        call()

    task = asyncio.create_task(listen())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
