"""Locks among the tasks of one loop: no thread for who waits, nothing left of who was cancelled."""

from __future__ import annotations

import asyncio
import random
import threading
import time

import pytest

from coordination import AcquireTimeout, aio
from coordination._asyncio import LEAVING, REQUESTS
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.aio.loops import eventually, on_loop, stored

MANY = 1000

POINTS = 300

TTL = 5.0
"""Seconds; a blocked loop is blocked for two of them, and a beat may be three late."""


def contenders(store: MemoryStore) -> list[str]:
    """The records of all who hold or wait."""
    return [it for it in stored(store) if "/locks/" in it]


@pytest.mark.untraced
def test_a_thousand_tasks_on_a_thousand_names() -> None:
    """All wait, no thread for any of them; each gets its lock once that is released."""

    async def test() -> None:
        store = MemoryStore()
        async with aio.connect(store) as owner, aio.connect(store, machine_id="m2") as waiter:
            names = [f"n{number}" for number in range(MANY)]
            holds = await asyncio.gather(*(owner.lock(name).acquire() for name in names))
            before = threading.active_count()
            tasks = [asyncio.create_task(waiter.lock(name).acquire()) for name in names]
            await eventually(lambda: len(contenders(store)) == 2 * MANY, "all of them wait")
            # The pool of the one that waits, and the threads of its manager: none of them for a name.
            assert threading.active_count() <= before + REQUESTS + LEAVING + 5
            assert not any(task.done() for task in tasks)
            await asyncio.gather(*(hold.release() for hold in holds))
            taken = await asyncio.gather(*tasks)
            assert {hold.name for hold in taken if hold.held} == set(names)
            await asyncio.gather(*(hold.release() for hold in taken))
        assert stored(store) == []

    on_loop(test())


def test_a_blocked_loop_loses_no_lock() -> None:
    """For two ttls nothing runs on the loop: it is held throughout, and nobody else gets it."""

    async def test() -> None:
        store = MemoryStore()
        async with aio.connect(store) as manager, aio.connect(store) as other:
            hold = await manager.lock("a", ttl=TTL).acquire()
            until = time.monotonic() + 2 * TTL
            while time.monotonic() < until:
                assert hold.held, hold.lost
                time.sleep(0.01)  # noqa: ASYNC251 - the loop is to be blocked
            with pytest.raises(AcquireTimeout):
                await other.lock("a", ttl=TTL).acquire(timeout=0)
            assert await hold.release()

    on_loop(test())


def test_300_cancellations_leave_no_contender() -> None:
    """At random points of acquiring, waiting and releasing, on a store of random slowness."""

    async def test(chance: random.Random) -> None:
        inner = MemoryStore()
        store = FaultyStore(inner)
        async with aio.connect(store) as manager, aio.connect(inner) as other:
            ended = [await _one(manager, other, store, chance, number) for number in range(POINTS)]
            assert sum(ended) > POINTS / 10, "hardly any was cancelled"
            assert store.calls.count("enter") > POINTS / 10, "hardly any did anything before"
            await eventually(lambda: contenders(inner) == [], "no contender is left")
            async with asyncio.timeout(10.0), manager.lock("n1") as hold:
                assert hold.held
        assert stored(inner) == []

    on_loop(test(random.Random(11)))


async def _one(
    manager: aio.Manager, other: aio.Manager, store: FaultyStore, chance: random.Random, number: int
) -> bool:
    """One call that is cancelled soon, and whether it was; what it answered all the same is released."""
    lock = manager.lock(f"n{number % 7}")
    before = await other.lock(f"n{number % 7}").acquire() if number % 3 == 1 else None
    mine = await lock.acquire() if number % 3 == 2 else None
    for _ in range(chance.randrange(4)):
        store.delay("*", chance.random() * 0.003)
    verb = lock.acquire() if mine is None else mine.release()
    task: asyncio.Task[aio.Hold | bool] = asyncio.create_task(verb)
    await asyncio.sleep(chance.random() * 0.004)
    task.cancel()
    if before is not None:
        await before.release()
    try:
        answer = await task
    except asyncio.CancelledError:
        return True
    if isinstance(answer, aio.Hold):
        await answer.release()
    return False
