"""Closing: bounded, whatever is under way, and nothing is left that nobody was told of."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from coordination import ConfigurationError, aio
from coordination._asyncio import REQUESTS
from coordination.aio import door
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.aio.loops import eventually, on_loop, stored, threads


class Ending(FaultyStore):
    """After its close nothing gets through any more, like the connections of a real one."""

    def close(self) -> None:
        self.cut()


def test_closing_while_calls_are_under_way() -> None:
    """Each ends with an error that says so, what they acquire is given back, no thread is left."""

    async def test() -> None:
        inner = MemoryStore()
        store = FaultyStore(inner)
        manager = aio.connect(store)
        go_on = threading.Event()
        store.before("create", lambda: go_on.wait(30.0), times=100)
        calls = [asyncio.create_task(manager.acquire_lease(f"n{it}", period=1000.0)) for it in range(30)]
        waiting = asyncio.create_task(manager.wait_lease("n0", period=1000.0))
        await eventually(lambda: store.calls.count("create") == REQUESTS, "as many as may are under way")
        threading.Timer(0.1, go_on.set).start()
        await asyncio.wait_for(manager.close(), 10.0)
        answers = await asyncio.gather(*calls, waiting, return_exceptions=True)
        assert all(isinstance(it, ConfigurationError) for it in answers), answers
        assert stored(inner) == []

    on_loop(test())


def test_a_caller_who_was_cancelled_just_before_the_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """What his request wins is given back although the manager ends at once."""
    monkeypatch.setattr(door, "UNDER_WAY", 30.0)  # The request may take longer than it is meant to.

    async def test() -> None:
        inner = MemoryStore()
        store = Ending(inner)
        async with aio.connect(store) as manager:
            manager._manager._owns_store = True
            go_on = threading.Event()
            store.after("create", lambda: go_on.wait(30.0))
            task = asyncio.create_task(manager.acquire_lease("a", period=1000.0))
            await eventually(lambda: stored(inner), "the request is under way")
            task.cancel()
            threading.Timer(0.1, go_on.set).start()
        assert task.cancelled()
        assert stored(inner) == []

    on_loop(test())


def test_closing_does_not_wait_for_a_store_that_hangs() -> None:
    """It is bounded; the thread ends by itself when the request does."""

    async def test() -> None:
        store = FaultyStore(MemoryStore())
        hanging = threading.Event()
        store.before("read", lambda: hanging.wait(30.0))
        manager = aio.connect(store)
        call = asyncio.create_task(manager.get_lease("a"))
        await eventually(lambda: "read" in store.calls, "the store hangs")
        begin = time.monotonic()
        await manager.close()
        assert time.monotonic() - begin < 10.0
        hanging.set()
        assert await call is None
        await eventually(lambda: threads() == [], "the thread ends")

    on_loop(test())


def test_closing_twice_and_at_once() -> None:
    """Both callers see it closed; a third does nothing; any other call is refused."""

    async def test() -> None:
        manager = aio.connect("memory://")
        lease = await manager.acquire_lease("a")
        assert lease is not None
        lease.keep_alive()
        await asyncio.gather(manager.close(), manager.close())
        await manager.close()
        assert not lease.held
        with pytest.raises(ConfigurationError, match="closed"):
            await manager.get_lease("a")

    on_loop(test())


def test_a_close_that_was_cancelled_is_finished_by_the_next() -> None:
    """Cancelling is no way to keep a manager half open."""

    async def test() -> None:
        inner = MemoryStore()
        store = FaultyStore(inner)
        manager = aio.connect(store)
        lease = await manager.acquire_lease("a", period=1000.0)
        assert lease is not None
        lease.keep_alive()
        store.delay("read", 0.2)
        task = asyncio.create_task(manager.get_lease("b"))
        await eventually(lambda: "read" in store.calls, "something is under way")
        closing = asyncio.create_task(manager.close())
        await asyncio.sleep(0.02)
        closing.cancel()
        await asyncio.gather(closing, task, return_exceptions=True)
        await manager.close()
        assert stored(inner) == []

    on_loop(test())
