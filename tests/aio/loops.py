"""Event loops for these tests, what is stored meanwhile, and conditions that come true in time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from coordination.stores.memory import MemoryStore

Result = TypeVar("Result")

BOUND = 60.0
"""Seconds after which a test counts as hung."""


def on_loop(test: Coroutine[Any, Any, Result]) -> Result:
    """Run it on an event loop of its own, in asyncio's debug mode off, within the bound."""
    return asyncio.run(asyncio.wait_for(test, BOUND))


async def eventually(condition: Callable[[], object], what: str, within: float = 30.0) -> None:
    """Fail unless it comes true within so many real seconds; the loop goes on meanwhile."""
    until = time.monotonic() + within
    while not condition():
        assert time.monotonic() < until, f"not within {within} s: {what}"
        await asyncio.sleep(0.003)


async def cancelled(task: asyncio.Task[Any]) -> bool:
    """Cancel it and await it; whether it ended by that."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


def threads() -> list[str]:
    """The names of the library's threads that are alive."""
    return sorted(it.name for it in threading.enumerate() if it.name.startswith("coordination"))


def stored(store: MemoryStore) -> list[str]:
    """The keys and sessions that are there."""
    store.list("", timeout=5.0)  # Expiry is judged at each call.
    return [*store._state.records, *store._state.sessions]
