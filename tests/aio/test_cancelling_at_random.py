"""300 cancellations of lease calls at random points, on a store of random slowness."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

from coordination import LeaseLost, OutcomeUnknown, aio
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.aio.loops import cancelled, eventually, on_loop, stored, threads

POINTS = 300


def test_300_cancellations_leave_nothing() -> None:
    """At random points of acquiring, waiting and stealing, on a store of random slowness."""

    async def test(chance: random.Random) -> None:
        inner = MemoryStore()
        store = FaultyStore(inner)
        async with aio.connect(store) as manager:
            ended = [await _one(manager, store, chance, number) for number in range(POINTS)]
            assert sum(ended) > POINTS / 10, "hardly any was cancelled"
            assert store.calls.count("create") > POINTS / 10, "hardly any did anything before"
            await eventually(lambda: stored(inner) == [], "nothing is left")
            assert len(threads()) <= 10

    on_loop(test(random.Random(7)))


async def _one(manager: aio.Manager, store: FaultyStore, chance: random.Random, number: int) -> bool:
    """One call that is cancelled soon, and whether it was; what it answered all the same is released."""
    name = f"n{number}"
    for _ in range(chance.randrange(5)):
        store.delay("*", chance.random() * 0.003)
    victim = await manager.acquire_lease(name, period=1000.0) if number % 3 == 2 else None
    index = 1 if victim is None else victim.index
    task: asyncio.Task[aio.Lease | None] = asyncio.create_task(_verb(manager, name, number, index))
    await asyncio.sleep(chance.random() * 0.006)
    was_cancelled = await cancelled(task)
    leases = [victim, None if was_cancelled else task.result()]
    for lease in leases:
        if lease is not None:
            await _released(lease)
    return was_cancelled


def _verb(manager: aio.Manager, name: str, number: int, index: int) -> Coroutine[Any, Any, aio.Lease | None]:
    if number % 3 == 0:
        return manager.acquire_lease(name, period=1000.0)
    if number % 3 == 1:
        return manager.wait_lease(name, period=1000.0)
    return manager.steal_lease(name, None, 0, 1000.0, index)


async def _released(lease: aio.Lease) -> None:
    """Ours or not by now."""
    try:
        await lease.release()
    except (LeaseLost, OutcomeUnknown):
        return
