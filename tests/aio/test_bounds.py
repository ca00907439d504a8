"""Each call is bounded by the manager's timeout, also where it would have to wait for a thread."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from coordination import AcquireTimeout, OutcomeUnknown, StoreUnavailable, aio
from coordination._asyncio import REQUESTS
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.aio.loops import eventually, on_loop, stored

TIMEOUT = 1.5
"""Seconds a request may take; one to a store that answers takes less even where a thread stands still."""

SOON = 10.0
"""Seconds in which all is over; far less than the requests of so many tasks in turn would take."""


class Hanging(FaultyStore):
    """A store that answers nothing until it is told to, whatever its callers' patience."""

    def __init__(self, inner: MemoryStore) -> None:
        super().__init__(inner)
        self.go_on = threading.Event()
        self.go_on.set()
        self.before("*", lambda: self.go_on.wait(60.0), times=1_000_000)


def test_nobody_waits_for_the_requests_of_others() -> None:
    """A hundred ask a store that hangs: each is told in its own time, and nothing comes of it later."""

    async def test() -> None:
        inner = MemoryStore()
        store = Hanging(inner)
        async with aio.connect(store, timeout=TIMEOUT) as manager:
            store.go_on.clear()
            begin = time.monotonic()
            calls = [manager.acquire_lease(f"n{number}", period=1000.0) for number in range(50)]
            looks = [manager.get_lease("a") for _ in range(50)]
            answers = await asyncio.gather(*calls, *looks, return_exceptions=True)
            assert time.monotonic() - begin < SOON
            assert all(isinstance(it, StoreUnavailable) for it in answers), answers
            store.go_on.set()
            assert await manager.get_lease("a") is None
            # Of each that was under way: open, create, and if that came late, delete and close.
            assert len(store.calls) <= 4 * REQUESTS + 1, "requests were made for which nobody waited"
            await eventually(lambda: stored(inner) == [], "nothing is left")

    on_loop(test())


def test_what_may_have_been_done_is_unknown() -> None:
    """A renewal, a theft, a write: not 'not applied', because it may be."""

    async def test() -> None:
        store = Hanging(MemoryStore())
        async with aio.connect(store, timeout=TIMEOUT) as manager:
            lease = await manager.acquire_lease("a", period=1000.0)
            assert lease is not None
            assert lease.secret is not None
            store.go_on.clear()
            for call in (
                lease.renew(),
                lease.commit({"a": "1"}),
                manager.steal_lease("a", None, 0, 1000.0, lease.index),
                manager.resume("a", lease.secret),
            ):
                with pytest.raises(OutcomeUnknown):
                    await asyncio.wait_for(call, SOON)
            assert lease.held
            store.go_on.set()

    on_loop(test())


def test_waiting_ends_although_the_last_request_hangs() -> None:
    """A request's time after its own, with the store's error; else with `AcquireTimeout`, as ever."""

    async def test() -> None:
        store = Hanging(MemoryStore())
        async with aio.connect(store, timeout=TIMEOUT) as manager:
            lease = await manager.acquire_lease("a", period=1000.0)
            assert lease is not None
            with pytest.raises(AcquireTimeout):
                await manager.wait_lease("a", timeout=0.1)
            store.go_on.clear()
            with pytest.raises(StoreUnavailable):
                await asyncio.wait_for(manager.wait_lease("a", timeout=0.1), SOON)
            store.go_on.set()

    on_loop(test())
