"""What a machine believes of a pool, where looks fail, lag, or find what strangers left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from coordination import StoreUnavailable, aio, connect
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore

SOON = 10.0
"""Real seconds within which something of the background must have happened; the safety look is later."""


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it becomes true soon."""
    until = time.monotonic() + SOON
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()


def test_a_look_that_failed_makes_nobody_deaf() -> None:
    """A user's `units()` fails, and rounds go on: a unit that is added after that is claimed."""
    store = FaultyStore(MemoryStore())
    with connect(store, machine_id="one") as manager, connect(store, machine_id="two") as other:
        pool = manager.pool("p")
        pool.balance()
        store.refuse("list")
        with pytest.raises(StoreUnavailable):
            pool.units()
        other.pool("p").add("late")
        assert eventually(lambda: [unit.name for unit in pool.owned()] == ["late"])


def test_rounds_that_fail_are_made_up_for() -> None:
    """The same where it is the round's own look that fails, and then the next one too."""
    store = FaultyStore(MemoryStore())
    with connect(store, machine_id="one") as manager, connect(store.inner, machine_id="two") as other:
        pool = manager.pool("p")
        pool.balance()
        store.refuse("list", times=2)
        other.pool("p").add("late")
        assert eventually(lambda: [unit.name for unit in pool.owned()] == ["late"])


def test_a_unit_newer_than_the_view_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Obtained by name before the round knows of it: it is there, so it is not given up as deleted."""
    with connect(MemoryStore(), machine_id="one") as manager:
        pool = manager.pool("p")
        pool.add("old")
        pool.balance()
        view = pool._tenancy.view
        monkeypatch.setattr(view, "_redefined", lambda key, index: None)
        pool.add("new")
        unit = pool.obtain("new") or next(it for it in pool.owned() if it.name == "new")
        view.stale = True
        pool.balance()
        assert (unit.held, unit.lost) == (True, None)
        assert sorted(it.name for it in pool.owned()) == ["new", "old"]


@pytest.mark.parametrize("folder", ["/owners/p/", "/data/units/p/", "/machines/p/"])
@pytest.mark.parametrize("segment", ["%ff", "a/b", "%61", ""])
def test_what_strangers_leave_disturbs_nobody(folder: str, segment: str) -> None:
    """Keys that no name is kept under are passed over; units are had as if they were not there."""
    store = MemoryStore()
    session = store.open_session(60.0, timeout=1.0)
    store.create(f"{folder}{segment}", b"\xff{{", session, timeout=1.0)
    with connect(store, machine_id="one") as manager:
        pool = manager.pool("p")
        assert [pool.add("a"), pool.add("b")] == [True, True]
        assert [info.name for info in pool.units()] == ["a", "b"]
        unit = pool.obtain()
        assert unit is not None
        unit.release()
        assert [it.name for it in pool.balance()] == ["a", "b"]
        assert pool.drain(1.0) == 0


def test_whoever_is_cancelled_when_he_wins_leaves_nothing() -> None:
    """Of many that are cancelled at any moment, none leaves the unit owned by nobody."""

    async def scenario() -> None:
        async with aio.connect(MemoryStore()) as manager:
            pool, stop = manager.pool("p"), asyncio.Event()
            await pool.add("u")
            for turn in range(150):
                task = asyncio.create_task(pool.wait_obtain(5.0, stop=stop))
                await asyncio.sleep(turn % 30 / 10_000)
                task.cancel()
                answer = (await asyncio.gather(task, return_exceptions=True))[0]
                if not isinstance(answer, BaseException) and answer is not None:
                    await answer.release()
            for _ in range(500):
                if not pool.owned():
                    break
                await asyncio.sleep(0.01)
            assert pool.owned() == []
            assert await pool.obtain() is not None

    asyncio.run(scenario())
