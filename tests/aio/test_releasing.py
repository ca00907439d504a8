"""Releasing while the store hangs or is away: bounded, held no more, and done in the background."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import pytest

from coordination import OutcomeUnknown, aio
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.aio.loops import eventually, on_loop, stored


def test_many_releases_while_the_store_hangs() -> None:
    """None waits for the others: each is over in about a second, held no more, and done later."""

    async def test() -> None:
        inner = MemoryStore()
        store = FaultyStore(inner)
        async with aio.connect(store) as manager:
            leases = [await manager.acquire_lease(f"n{it}", period=1000.0) for it in range(20)]
            hanging = threading.Event()
            store.before("delete", lambda: hanging.wait(20.0), times=20)
            begin = time.monotonic()
            releases = [asyncio.create_task(lease.release()) for lease in leases if lease is not None]
            await asyncio.sleep(0)
            assert not any(lease.held for lease in leases if lease is not None)
            answers = await asyncio.gather(*releases, return_exceptions=True)
            assert time.monotonic() - begin < 10.0
            assert all(isinstance(it, OutcomeUnknown) for it in answers), answers
            hanging.set()
            await eventually(lambda: stored(inner) == [], "they are released")

    on_loop(test())


def test_a_release_that_cannot_be_confirmed_does_not_spoil_the_block(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The work was done; an event tells, and the lease ends in the background."""
    caplog.set_level(logging.WARNING, "coordination")

    async def test() -> None:
        inner = MemoryStore()
        store = FaultyStore(inner)
        async with aio.connect(store) as manager:
            async with await manager.wait_lease("a", period=60.0):
                store.cut()
            await eventually(lambda: "release-unconfirmed" in caplog.text, "the event")
            store.mend()
            await eventually(lambda: stored(inner) == [], "it is released")

    on_loop(test())
