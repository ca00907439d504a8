"""What becomes of work in tasks: errors of its own, losses, groups, and stops."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from coordination import CallbackError, LeaseLost, RenewError, aio
from coordination.aio.leader import Leader
from coordination.aio.term import Term
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.leading.playing import begun, played, stolen


def test_work_that_cancels_itself_is_an_error_of_its_own() -> None:
    """Nobody else cancelled anything, so no CancelledError may come out of `run`."""

    async def case(leader: Leader, _store: FaultyStore) -> None:
        async def work(_term: Term) -> None:
            raise asyncio.CancelledError

        with pytest.raises(CallbackError) as raised:
            await leader.run(work)
        assert isinstance(raised.value.__cause__, asyncio.CancelledError)

    played(case)


def test_a_group_that_fails_by_the_loss_alone() -> None:
    """Its tasks find out by `check` before the cancel comes: that is the loss, not an error of the work."""

    async def case(leader: Leader, store: FaultyStore) -> None:
        async def checking(term: Term) -> None:
            while True:
                term.check()
                await asyncio.sleep(0)

        async def work(term: Term) -> None:
            async with asyncio.TaskGroup() as group:
                for _ in range(2):
                    group.create_task(checking(term))
                stolen(store)

        outcome = await leader.run(work)
        assert (outcome.ran, outcome.value) == (True, None)
        assert isinstance(outcome.lost, RenewError)

    played(case)


def test_a_group_that_fails_by_something_else_too() -> None:
    """The error of its own counts."""

    async def case(leader: Leader, store: FaultyStore) -> None:
        async def work(term: Term) -> None:
            stolen(store)
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(20)
            with pytest.raises(LeaseLost) as own:
                term.check()
            raise ExceptionGroup("both", [own.value, ValueError("of the work")])

        with pytest.raises(CallbackError) as raised:
            await leader.run(work)
        assert any("deleted" in note for note in raised.value.__notes__)

    played(case)


def test_the_message_of_the_cancel_is_the_outcomes_loss() -> None:
    """The very same error, so that what the work tells of it can be matched."""

    async def case(leader: Leader, store: FaultyStore) -> None:
        messages: list[Any] = []

        async def work(_term: Term) -> str:
            stolen(store)
            try:
                await asyncio.sleep(20)
            except asyncio.CancelledError as cancelled:
                messages.extend(cancelled.args)
            return "swallowed"

        outcome = await leader.run(work)
        assert (messages, outcome.value) == ([outcome.lost], "swallowed")

    played(case)


def test_a_plain_function_may_be_the_work() -> None:
    """It is called on the loop."""

    async def case(leader: Leader, _store: FaultyStore) -> None:
        outcome = await leader.run(lambda term: term.held)
        assert (outcome.ran, outcome.value) == (True, True)

    played(case)


def test_a_stop_that_comes_with_the_term() -> None:
    """The work never begins, and what was won is released."""

    async def case(leader: Leader, store: FaultyStore) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        store.after("create", lambda: loop.call_soon_threadsafe(stop.set))

        async def work(term: Term) -> str:
            await asyncio.sleep(20)
            return "never"

        outcome = await leader.run(work, stop=stop)
        assert (outcome.value, outcome.lost) == (None, None)

    played(case)


def test_a_closed_manager_cuts_the_work_off() -> None:
    """It is lost 'closed', cancelled for that, and the outcome says so."""

    async def play() -> None:
        manager = aio.connect(MemoryStore())
        started = asyncio.Event()

        async def work(_term: Term) -> None:
            started.set()
            await asyncio.sleep(20)

        running = asyncio.create_task(manager.leader("a", ttl=30.0).run(work))
        await begun(started)
        await manager.close()
        outcome = await asyncio.wait_for(running, 10)
        assert outcome.lost is not None
        assert getattr(outcome.lost.__cause__, "reason", None) == "closed"

    asyncio.run(play())
