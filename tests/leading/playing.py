"""A case of tasks, played on a loop, a manager and a store of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from coordination import aio
from coordination.aio.leader import Leader
from coordination.record import key_of
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore

KEY = key_of("", "leaders", "a")

Case = Callable[[Leader, FaultyStore], Awaitable[None]]


def played(case: Case) -> None:
    """On a loop, a manager and a store of its own; nobody leads after it."""

    async def play() -> None:
        store = FaultyStore(MemoryStore())
        async with aio.connect(store) as manager:
            await asyncio.wait_for(case(manager.leader("a", ttl=30.0), store), 30)
            assert await manager.leader("a").current() is None

    asyncio.run(play())


async def begun(flag: asyncio.Event) -> None:
    """Wait until something has begun."""
    async with asyncio.timeout(10):
        await flag.wait()


def stolen(store: FaultyStore) -> None:
    """Take the record away, for a moment."""
    record = store.inner.read(KEY, timeout=1)
    assert record is not None
    store.inner.delete(KEY, record.index, timeout=1)
