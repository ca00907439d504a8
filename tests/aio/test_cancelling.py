"""Whoever is cancelled stops waiting at once, and what his request still wins is given back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

from coordination import LeaseLost, aio
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.aio.loops import cancelled, eventually, on_loop, stored


def held_up(inner: MemoryStore, call: str) -> tuple[FaultyStore, threading.Event, threading.Event]:
    """A store whose next `call` is applied and then waits; it has come so far; it may go on."""
    store = FaultyStore(inner)
    applied, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        applied.set()
        go_on.wait(30.0)

    store.after(call, wait)
    return store, applied, go_on


@pytest.mark.parametrize("verb", ["acquire", "wait", "with_secret"])
def test_what_a_cancelled_acquisition_wins_is_released(verb: str) -> None:
    """The record is written when the caller goes: it is gone soon, with its session."""

    async def test() -> None:
        inner = MemoryStore()
        store, applied, go_on = held_up(inner, "create")
        async with aio.connect(store) as manager:
            verbs: dict[str, Coroutine[Any, Any, aio.Lease | None]] = {
                "acquire": manager.acquire_lease("a", period=1000.0),
                "wait": manager.wait_lease("a", period=1000.0),
                "with_secret": manager.acquire_with_secret("a", "s" * 32, period=1000.0),
            }
            task = asyncio.create_task(verbs.pop(verb))
            for unused in verbs.values():
                unused.close()
            await eventually(applied.is_set, "the record is written")
            assert await cancelled(task)
            assert len(stored(inner)) == 2
            go_on.set()
            await eventually(lambda: stored(inner) == [], "it is released")

    on_loop(test())


def test_what_a_cancelled_theft_wins_is_released() -> None:
    """The victim has lost it, the thief does not want it any more: the name is free."""

    async def test() -> None:
        inner = MemoryStore()
        store, applied, go_on = held_up(inner, "replace")
        async with aio.connect(inner) as victim, aio.connect(store) as thief:
            lease = await victim.acquire_lease("a", period=1000.0)
            assert lease is not None
            task = asyncio.create_task(thief.steal_lease("a", None, 0, 1000.0, lease.index))
            await eventually(applied.is_set, "it is stolen")
            assert await cancelled(task)
            go_on.set()
            await eventually(lambda: not [it for it in stored(inner) if "leases" in it], "it is released")
            with pytest.raises(LeaseLost):
                await lease.renew()
            await eventually(lambda: stored(inner) == [], "the victim's session is ended")

    on_loop(test())


def test_a_cancelled_resumption_takes_nothing_away() -> None:
    """The lease is somebody's work that goes on: whoever has the secret resumes it again."""

    async def test() -> None:
        inner = MemoryStore()
        store, applied, go_on = held_up(inner, "replace")
        async with aio.connect(inner) as owner, aio.connect(store) as manager:
            lease = await owner.acquire_lease("a", period=1000.0)
            assert lease is not None
            assert lease.secret is not None
            task = asyncio.create_task(manager.resume("a", lease.secret))
            await eventually(applied.is_set, "it is resumed")
            assert await cancelled(task)
            go_on.set()
            again = await manager.resume("a", lease.secret)
            assert (again.held, again.token) == (True, lease.token)
            assert await again.release()
            assert stored(inner) == []

    on_loop(test())


def test_a_cancelled_release_goes_on() -> None:
    """Giving up is not given up: the lease is gone although nobody waited for that."""

    async def test() -> None:
        inner = MemoryStore()
        store = FaultyStore(inner)
        begun, go_on = threading.Event(), threading.Event()

        def wait() -> None:
            begun.set()
            go_on.wait(30.0)

        store.before("delete", wait)
        async with aio.connect(store) as manager:
            lease = await manager.acquire_lease("a", period=1000.0)
            assert lease is not None
            task = asyncio.create_task(lease.release())
            await eventually(begun.is_set, "the request is under way")
            assert await cancelled(task)
            assert not lease.held
            go_on.set()
            await eventually(lambda: stored(inner) == [], "it is released")
            assert await lease.release() is False

    on_loop(test())


@pytest.mark.parametrize("verb", ["wait", "watch"])
def test_a_subscription_that_begins_while_its_caller_is_cancelled(verb: str) -> None:
    """The store answers with a watch for which nobody waits any more: it is ended."""

    async def test() -> None:
        inner = MemoryStore()
        store, applied, go_on = held_up(inner, "watch")
        async with aio.connect(store) as manager, aio.connect(inner) as other:
            assert await other.acquire_lease("a", period=1000.0) is not None
            waiting: Coroutine[Any, Any, Any] = (
                manager.wait_lease("a") if verb == "wait" else anext(manager.watch("a"))
            )
            task = asyncio.ensure_future(waiting)
            await eventually(applied.is_set, "the store has begun the watch")
            assert await cancelled(task)
            assert len(inner._watches) == 1
            go_on.set()
            await eventually(lambda: not inner._watches, "it is ended")

    on_loop(test())
