"""The asyncio runtime: requests on a few threads, cancelled at once."""

from __future__ import annotations

import asyncio
import threading
import time
from functools import partial

import pytest

from coordination import ConfigurationError, StoreUnavailable
from coordination._asyncio import LEAVING, REQUESTS, AsyncioRuntime
from coordination._asyncio.mailbox import Mailbox
from coordination.clock import SystemClock
from tests.aio.loops import eventually, on_loop, threads


def runtime() -> AsyncioRuntime:
    return AsyncioRuntime(SystemClock())


def test_answers_and_errors_come_back() -> None:
    """As they were, to the task that asked."""

    async def test() -> None:
        used = runtime()
        assert await used.call(lambda: 7) == 7
        error = StoreUnavailable("away")

        def fail() -> None:
            raise error

        with pytest.raises(StoreUnavailable) as caught:
            await used.call(fail)
        assert caught.value is error
        await used.close(5.0)

    on_loop(test())


def test_threads_begin_on_demand_and_end_at_the_close() -> None:
    """One for the first request, no more than the pool has for many at once, none afterwards."""

    async def test() -> None:
        used = runtime()
        assert threads() == []
        await used.call(lambda: None)
        assert len(threads()) == 1
        many = [used.call(lambda: time.sleep(0.1), leaving=leaving) for leaving in (True, False) * 20]
        await asyncio.gather(*many)
        assert len(threads()) == REQUESTS + LEAVING
        await used.close(5.0)
        assert threads() == []
        with pytest.raises(ConfigurationError, match="closed"):
            await used.call(lambda: None)

    on_loop(test())


def test_cancelling_does_not_wait_for_the_request() -> None:
    """The task is free at once; the request goes on, and what it answers is dropped."""

    async def test() -> None:
        used = runtime()
        begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

        def step() -> int:
            begun.set()
            go_on.wait(30.0)
            done.set()
            return 7

        task = asyncio.create_task(used.call(step))
        await eventually(begun.is_set, "the request is under way")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not done.is_set()
        go_on.set()
        await eventually(done.is_set, "the request ends")
        assert await used.call(lambda: 8) == 8
        await used.close(5.0)

    on_loop(test())


@pytest.mark.parametrize("leaving", [False, True])
def test_a_request_that_has_not_begun(*, leaving: bool) -> None:
    """Nobody waits for it any more when its turn comes: only what gives something back is still made."""

    async def test() -> None:
        used = runtime()
        go_on, made = threading.Event(), threading.Event()
        before = [asyncio.create_task(used.call(lambda: go_on.wait(30.0), leaving=leaving)) for _ in range(8)]
        await asyncio.sleep(0)
        task = asyncio.create_task(used.call(made.set, leaving=leaving))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        go_on.set()
        await asyncio.gather(*before)
        await used.call(lambda: None, leaving=leaving)
        await used.close(5.0)
        assert made.is_set() == leaving

    on_loop(test())


def test_giving_back_does_not_queue_behind_requests_that_hang() -> None:
    """Every thread of the pool hangs, and a release goes through."""

    async def test() -> None:
        used = runtime()
        go_on = threading.Event()
        hanging = [asyncio.create_task(used.call(lambda: go_on.wait(30.0))) for _ in range(50)]
        await asyncio.sleep(0.01)
        assert await asyncio.wait_for(used.call(lambda: 7, leaving=True), 10.0) == 7
        assert not any(task.done() for task in hanging)
        go_on.set()
        await asyncio.gather(*hanging)
        await used.close(5.0)

    on_loop(test())


def test_nothing_is_lost_between_many_threads_and_the_loop() -> None:
    """Many answers for one wake-up of the loop: each task gets its own, whatever the timing."""

    async def test() -> None:
        used = runtime()
        rounds = [asyncio.gather(*(used.call(partial(int, it)) for it in range(500))) for _ in range(8)]
        for answers in await asyncio.gather(*rounds):
            assert answers == list(range(500))
        await used.close(5.0)

    on_loop(test())


def test_another_loop_is_refused_until_the_first_is_closed() -> None:
    """One loop at a time; the error says what to do. A signal of the first never raises."""
    used = runtime()

    async def first() -> None:
        await used.call(lambda: None)
        with pytest.raises(ConfigurationError, match="another event loop"):
            await asyncio.to_thread(lambda: asyncio.run(used.call(lambda: None)))

    async def second() -> None:
        assert await used.call(lambda: 7) == 7
        await used.close(5.0)

    async def signal_of_first() -> object:
        return used.signal()

    loop = asyncio.new_event_loop()
    loop.run_until_complete(first())
    signal = loop.run_until_complete(signal_of_first())
    loop.close()
    signal.set()  # type: ignore[attr-defined]
    on_loop(second())


def test_no_loop_is_running() -> None:
    """An error that names the blocking face, not one of asyncio's."""
    used = runtime()
    with pytest.raises(ConfigurationError, match="no event loop"):
        used.signal()


def test_a_loop_that_was_closed_before_it_looked_is_told_nothing_more() -> None:
    """It was woken in vain for the first call; of the next one it is said that it never runs."""
    loop = asyncio.new_event_loop()
    mailbox = Mailbox(loop)
    ran: list[str] = []
    assert mailbox.post(lambda: ran.append("first"))
    loop.close()
    assert not mailbox.post(lambda: ran.append("second"))
    assert ran == []
