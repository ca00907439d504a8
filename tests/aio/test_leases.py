"""Leases among the tasks of one loop: kept by a thread, whatever the loop does."""

from __future__ import annotations

import asyncio
import time

import pytest

from coordination import LeaseLost, StoreUnavailable, aio, connect
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.aio.loops import on_loop, stored

PERIOD = 5.0
"""Seconds; a blocked loop is blocked for two of them, and a renewal may be three late."""


def test_a_blocked_loop_loses_no_lease() -> None:
    """For two periods nothing runs on the loop: it is held throughout, and the next one finds it so."""

    async def test() -> None:
        store = MemoryStore()
        async with aio.connect(store) as manager, aio.connect(store) as other:
            lease = await manager.acquire_lease("a", period=PERIOD)
            assert lease is not None
            lease.keep_alive()
            until = time.monotonic() + 2 * PERIOD
            while time.monotonic() < until:
                assert lease.held, lease.lost
                time.sleep(0.01)  # noqa: ASYNC251 - the loop is to be blocked
            assert await other.acquire_lease("a") is None
            await lease.renew()
            assert await lease.release()

    on_loop(test())


def test_one_of_many_tasks_holds_it() -> None:
    """Tasks of one manager exclude one another like processes."""

    async def test() -> None:
        async with aio.connect("memory://") as manager:
            inside = 0

            async def work() -> int:
                nonlocal inside
                async with await manager.wait_lease("a", period=60.0) as lease:
                    inside += 1
                    assert inside == 1
                    await asyncio.sleep(0.001)
                    inside -= 1
                    return lease.token

            tokens = await asyncio.gather(*(work() for _ in range(20)))
            assert len(set(tokens)) == 20

    on_loop(test())


def test_the_block_keeps_it_alive_and_releases_it() -> None:
    """For longer than its period, and nothing is left."""

    async def test() -> None:
        store = MemoryStore()
        async with aio.connect(store) as manager:
            async with await manager.wait_lease("a", period=PERIOD) as lease:
                await asyncio.sleep(1.5 * PERIOD)
                lease.check()
            assert not lease.held
            assert stored(store) == []

    on_loop(test())


def test_a_loss_within_the_block_is_raised_at_its_end() -> None:
    """Unless the block raises itself: then it is a note to that."""

    async def test() -> None:
        async with aio.connect("memory://") as manager:
            with pytest.raises(LeaseLost, match="stolen"):
                async with await manager.wait_lease("a") as lease:
                    await manager.steal_lease("a", None, 0, 15.0, lease.index)
            with pytest.raises(ValueError, match="work") as caught:
                async with await manager.wait_lease("b") as lease:
                    await manager.steal_lease("b", None, 0, 15.0, lease.index)
                    raise ValueError("the work failed")
            assert any("stolen" in note for note in caught.value.__notes__)
            with pytest.raises(LeaseLost):
                await lease.__aenter__()

    on_loop(test())


def test_data_is_written_under_the_lease() -> None:
    """And read by the manager."""

    async def test() -> None:
        async with aio.connect("memory://") as manager:
            lease = await manager.acquire_lease("a")
            assert lease is not None
            assert await lease.commit({"done": "7"}) > lease.token
            assert await manager.read("done") == b"7"
            await lease.release()
            with pytest.raises(LeaseLost):
                await lease.commit({"done": "8"})
            assert await manager.read("done") == b"7"

    on_loop(test())


def test_looking_needs_no_await() -> None:
    """The facts, what is believed of it, and how it is shown."""

    async def test() -> None:
        async with aio.connect("memory://", machine_id="m1") as manager:
            lease = await manager.acquire_lease("a", version=2, period=60.0, metadata={"who": "me"})
            assert lease is not None
            (view,) = await manager.list_leases()
            assert (lease.name, lease.machine_id, lease.version, lease.period) == ("a", "m1", 2, 60.0)
            assert (lease.metadata, lease.pid, lease.host) == ({"who": "me"}, view.pid, view.host)
            assert (lease.held, view.held, lease.lost, view.secret) == (True, False, None, None)
            assert 0 < lease.remaining < lease.time_remaining <= 60.0
            assert lease.deadline > manager.clock.now()
            assert lease.acquired_at == view.acquired_at
            assert lease.renewed_at == view.renewed_at
            lease.progress()
            assert repr(lease).startswith("<aio Lease 'a' of 'm1'")
            assert repr(manager).startswith("<aio Manager of 'm1'")

    on_loop(test())


def test_the_blocking_face_sees_the_same() -> None:
    """A lease is a lease: of the same store, whichever face took it."""

    async def test() -> None:
        store = MemoryStore()
        blocking = connect(store, machine_id="m2")
        async with aio.connect(store, machine_id="m1") as manager:
            lease = await manager.acquire_lease("a", version=3)
            assert lease is not None
            view = blocking.get_lease("a")
            assert view is not None
            assert (view.machine_id, view.version, view.token) == ("m1", 3, lease.token)
            assert blocking.acquire_lease("a") is None
        blocking.close()

    on_loop(test())


def test_a_store_out_of_reach_is_the_callers_error() -> None:
    """As on the blocking face."""

    async def test() -> None:
        store = FaultyStore(MemoryStore())
        async with aio.connect(store) as manager:
            store.cut()
            with pytest.raises(StoreUnavailable):
                await manager.health()
            store.mend()
            assert isinstance(await manager.health(), list)

    on_loop(test())
