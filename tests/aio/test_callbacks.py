"""`on_lost` on the event loop: functions are called there, coroutine functions become tasks."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import pytest

from coordination import ConfigurationError, LeaseLost, aio
from coordination.stores.memory import MemoryStore
from tests.aio.loops import eventually, on_loop


async def taken(manager: aio.Manager, name: str = "a", period: float = 1000.0) -> aio.Lease:
    lease = await manager.acquire_lease(name, period=period)
    assert lease is not None
    return lease


async def lost(lease: aio.Lease, thief: aio.Manager) -> None:
    """Have it stolen, and noticed by its owner."""
    assert await thief.steal_lease(lease.name, "thief", 0, 1000.0, lease.index) is not None
    with pytest.raises(LeaseLost):
        await lease.renew()


def test_it_is_called_on_the_loop_with_the_lease_of_this_face() -> None:
    """Once, with the reason; and at once where it is lost already."""

    async def test() -> None:
        async with aio.connect("memory://") as manager:
            told: list[tuple[object, ...]] = []

            def callback(lease: aio.Lease, reason: str) -> None:
                told.append((lease, reason, threading.current_thread(), asyncio.get_running_loop()))

            async def coroutine(lease: aio.Lease, reason: str) -> None:
                await asyncio.sleep(0)
                callback(lease, reason)

            lease = await taken(manager)
            lease.on_lost(callback)
            lease.on_lost(coroutine)
            await lost(lease, manager)
            lease.on_lost(callback)
            await eventually(lambda: len(told) == 3, "all are told")
            here = (lease, "stolen", threading.current_thread(), asyncio.get_running_loop())
            assert told == [here] * 3

    on_loop(test())


def test_keep_alive_takes_one_as_well() -> None:
    """And hears of it without anybody looking: the record is noticed by the store's watch."""

    async def test() -> None:
        async with aio.connect("memory://") as manager:
            told: list[str] = []
            lease = (await taken(manager)).keep_alive(lambda _lease, reason: told.append(reason))
            assert await manager.steal_lease("a", "thief", 0, 1000.0, lease.index) is not None
            await eventually(lambda: told == ["stolen"], "it is told")

    on_loop(test())


def test_a_callback_may_use_the_manager() -> None:
    """Release, acquire, close: it is a task like any other."""

    async def test() -> None:
        store = MemoryStore()
        async with aio.connect(store) as thief:
            manager = aio.connect(store)
            done = asyncio.Event()

            async def callback(lease: aio.Lease, _reason: str) -> None:
                with pytest.raises(LeaseLost):
                    await lease.release()
                assert await manager.acquire_lease("b") is not None
                await manager.close()
                done.set()

            lease = await taken(manager)
            lease.on_lost(callback)
            await lost(lease, thief)
            await asyncio.wait_for(done.wait(), 20.0)

    on_loop(test())


def test_what_it_raises_is_logged_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the other callbacks nor the loop."""
    caplog.set_level(logging.WARNING, "coordination")

    async def test() -> None:
        async with aio.connect("memory://") as manager:
            told: list[str] = []

            def fails(_lease: aio.Lease, _reason: str) -> None:
                raise ValueError("from a function")

            async def fails_later(_lease: aio.Lease, _reason: str) -> None:
                raise ValueError("from a task")

            lease = await taken(manager)
            for callback in (fails, fails_later, lambda _lease, reason: told.append(reason)):
                lease.on_lost(callback)
            await lost(lease, manager)
            await eventually(lambda: caplog.text.count("callback-raised") == 2, "both are logged")
            assert "from a function" in caplog.text
            assert "from a task" in caplog.text
            await eventually(lambda: told == ["stolen"], "the third is told")

    on_loop(test())


def test_a_closed_loop_is_told_nothing_and_an_event_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """Code that was written for a loop does not run on some other thread instead."""
    caplog.set_level(logging.WARNING, "coordination")
    manager = aio.connect("memory://")
    told: list[str] = []

    async def take() -> aio.Lease:
        lease = await taken(manager, period=3.0)  # The loop is closed long before that is over.
        lease.on_lost(lambda _lease, reason: told.append(reason))
        return lease

    lease = on_loop(take())
    until = time.monotonic() + 30.0
    while "callback-dropped" not in caplog.text:
        assert time.monotonic() < until, "no event"
        time.sleep(0.01)
    assert (lease.lost, told) == ("expired", [])
    on_loop(manager.close())


def test_what_is_no_callable_is_refused() -> None:
    """Before anything is done with it."""

    async def test() -> None:
        async with aio.connect("memory://") as manager:
            lease = await taken(manager)
            for ask in (lease.on_lost, lease.keep_alive):
                with pytest.raises(ConfigurationError, match="callable"):
                    ask("no")  # type: ignore[arg-type]
            assert await lease.release()

    on_loop(test())
