"""Waiting takes no thread, however many wait, and costs the loop next to nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from coordination import AcquireTimeout, aio
from coordination._asyncio import LEAVING, REQUESTS
from coordination.stores.memory import MemoryStore
from tests.aio.loops import eventually, on_loop, stored, threads

MANY = 1000

HOUSEHOLD = 5
"""Threads a manager may start for other reasons: heartbeat, janitor, watchdog, notifier."""


class Telling(MemoryStore):
    """A memory store that tells of expiry, like the clusters' stores."""

    capabilities = replace(MemoryStore.capabilities, notices_expiry=True)


@pytest.mark.untraced
def test_a_thousand_tasks_on_a_thousand_names() -> None:
    """All wait, no thread more; each gets its name once that is released."""

    async def test() -> None:
        store = Telling()
        async with aio.connect(store) as owner, aio.connect(store, machine_id="m2") as waiter:
            names = [f"n{number}" for number in range(MANY)]
            leases = [await owner.acquire_lease(name, period=1000.0) for name in names]
            before = len(threads())
            tasks = [asyncio.create_task(waiter.wait_lease(name, period=1000.0)) for name in names]
            await eventually(lambda: len(store._watches) >= MANY, "all of them wait")
            assert len(threads()) <= before + REQUESTS + HOUSEHOLD
            assert not any(task.done() for task in tasks)
            for lease in leases:
                assert lease is not None
                await lease.release()
            taken = await asyncio.gather(*tasks)
            assert {lease.name for lease in taken if lease.held} == set(names)
            assert len(threads()) <= before + 2 * (REQUESTS + LEAVING + HOUSEHOLD)
            for lease in taken:  # At once, those that come last might not be confirmed within their second.
                await lease.release()
        assert stored(store) == []

    on_loop(test())


def test_a_thousand_cancelled_waiters_leave_no_watch() -> None:
    """Whatever step each of them was in."""

    async def test() -> None:
        store = Telling()
        async with aio.connect(store) as manager:
            lease = await manager.acquire_lease("a", period=1000.0)
            assert lease is not None
            before = len(store._watches)
            tasks = [asyncio.create_task(manager.wait_lease("a", period=1000.0)) for _ in range(MANY)]
            await eventually(lambda: len(store._watches) > before + MANY / 3, "many of them wait")
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert all(task.cancelled() for task in tasks)
            await eventually(lambda: len(store._watches) == before, "no watch is left")
            assert lease.held

    on_loop(test())


def test_it_gives_up_at_its_timeout() -> None:
    """As on the blocking face; and 0 is one try."""

    async def test() -> None:
        async with aio.connect("memory://") as manager:
            lease = await manager.acquire_lease("a", period=1000.0)
            assert lease is not None
            for timeout in (0, 0.1):
                with pytest.raises(AcquireTimeout):
                    await manager.wait_lease("a", timeout=timeout)
            assert lease.held

    on_loop(test())


def test_a_watch_tells_of_each_state_and_ends() -> None:
    """An asynchronous iterator, whose subscription ends with it."""

    async def test() -> None:
        store = Telling()
        async with aio.connect(store) as manager:
            seen: list[int | None] = []

            async def look() -> None:
                async for state in manager.watch("a", timeout=60.0):
                    seen.append(None if state is None else state.token)
                    if len(seen) == 3:
                        return

            looking = asyncio.create_task(look())
            await eventually(lambda: seen == [None], "the first state is seen")
            lease = await manager.acquire_lease("a", period=1000.0)
            assert lease is not None
            await eventually(lambda: seen == [None, lease.token], "the acquisition is seen")
            await lease.release()
            await looking
            assert seen == [None, lease.token, None]
            await eventually(lambda: not store._watches, "the subscription has ended")

    on_loop(test())
