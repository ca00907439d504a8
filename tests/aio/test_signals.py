"""Waiting for signals: set on any thread, kept on the clock that was given, no thread for who waits."""

from __future__ import annotations

import asyncio
import threading
import time

from coordination._asyncio import AsyncioRuntime
from coordination.clock import SystemClock
from coordination.testing import FakeClock
from tests.aio.loops import on_loop


def runtime() -> AsyncioRuntime:
    return AsyncioRuntime(SystemClock())


def test_a_signal_from_another_thread_wakes_every_waiter() -> None:
    """And it stays set until it is cleared."""

    async def test() -> None:
        used = runtime()
        signal = used.signal()
        waiting = [asyncio.create_task(used.wait(signal, timeout)) for timeout in (None, 50.0, None)]
        await asyncio.sleep(0.01)
        threading.Thread(target=signal.set).start()
        assert await asyncio.gather(*waiting) == [True, True, True]
        assert await used.wait(signal, 0.0)
        signal.clear()
        assert not await used.wait(signal, 0.0)
        await used.close(5.0)

    on_loop(test())


def test_a_wait_ends_at_its_timeout() -> None:
    """Not before, and with False."""

    async def test() -> None:
        used = runtime()
        begin = time.monotonic()
        assert not await used.wait(used.signal(), 0.2)
        assert time.monotonic() - begin >= 0.19
        await used.close(5.0)

    on_loop(test())


def test_a_wait_is_kept_on_the_clock_that_was_given() -> None:
    """On a clock that is moved by hand no time passes by itself, and a wait ends when it is moved."""

    async def test() -> None:
        clock = FakeClock()
        used = AsyncioRuntime(clock)
        waiting = asyncio.create_task(used.wait(used.signal(), 1000.0))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        clock.advance(1000.0)
        assert await asyncio.wait_for(waiting, 20.0) is False
        await used.close(5.0)

    on_loop(test())
