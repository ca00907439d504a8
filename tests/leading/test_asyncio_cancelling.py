"""A run whose caller is cancelled: the work ends first, then the term, and then the cancel is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from coordination.aio.leader import Leader
from coordination.aio.term import Term
from coordination.testing import FaultyStore
from tests.leading.playing import KEY, begun, played


def test_a_caller_who_is_cancelled_twice_waits_all_the_same() -> None:
    """The work ignores the first one: it is released only after it has ended, and then it is told."""

    async def case(leader: Leader, store: FaultyStore) -> None:
        started, cancels = asyncio.Event(), 0

        async def work(_term: Term) -> None:
            nonlocal cancels
            started.set()
            while cancels < 2:
                try:
                    await asyncio.sleep(20)
                except asyncio.CancelledError:
                    cancels += 1
                    assert store.inner.read(KEY, timeout=1) is not None
            await asyncio.sleep(0.05)
            assert store.inner.read(KEY, timeout=1) is not None

        running = asyncio.create_task(leader.run(work))
        await begun(started)
        running.cancel()
        await asyncio.sleep(0.02)
        assert not running.done()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (cancels, store.inner.read(KEY, timeout=1)) == (2, None)

    played(case)


def test_cancelled_while_it_is_given_up() -> None:
    """The work has ended: the release is finished, and then the cancel is told."""

    async def case(leader: Leader, store: FaultyStore) -> None:
        running: asyncio.Task[Any]
        loop = asyncio.get_running_loop()

        async def work(_term: Term) -> None:
            store.before("delete", lambda: loop.call_soon_threadsafe(running.cancel))
            store.delay("delete", 0.1)

        running = asyncio.create_task(leader.run(work))
        with pytest.raises(asyncio.CancelledError):
            await running
        assert store.inner.read(KEY, timeout=1) is None

    played(case)


def test_an_error_of_work_that_is_cancelled_from_outside() -> None:
    """The cancel passes through, and says what the work raised."""

    async def case(leader: Leader, _store: FaultyStore) -> None:
        started = asyncio.Event()

        async def work(_term: Term) -> None:
            started.set()
            try:
                await asyncio.sleep(20)
            finally:
                raise ValueError("while cleaning up")

        running = asyncio.create_task(leader.run(work))
        await begun(started)
        running.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await running
        assert isinstance(raised.value.__cause__, ValueError)

    played(case)


def test_a_timeout_around_it() -> None:
    """`asyncio.timeout` ends it as itself, and the term with it."""

    async def case(leader: Leader, _store: FaultyStore) -> None:
        async def work(_term: Term) -> None:
            await asyncio.sleep(20)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await leader.run(work)
        assert leader.term is None

    played(case)
