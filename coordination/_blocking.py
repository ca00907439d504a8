"""The runtime of the blocking face: whoever calls a recipe is the thread that does everything."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import TypeVar

from coordination.clock import Clock
from coordination.runtime import Signal, run

Result = TypeVar("Result")
Item = TypeVar("Item")


class BlockingRuntime:
    """A `Runtime` that never suspends, so that `run()` drives a recipe to its end. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def clock(self) -> Clock:
        """What time is kept on."""
        return self._clock

    def signal(self) -> Signal:
        """A new one, not set; any thread may wait for it."""
        return threading.Event()

    async def wait(self, signal: Signal, timeout: float | None) -> bool:
        """Wait, on the clock, until it is set, `timeout` seconds at most; whether it is. It stays set."""
        if not isinstance(signal, threading.Event):
            raise TypeError(f"{signal!r} is a signal of another runtime")
        return self._clock.wait(signal, timeout)

    async def call(self, step: Callable[[], Result], *, leaving: bool = False) -> Result:
        """Run one bounded, blocking request, here and now."""
        return step()


def iterated(recipe: AsyncGenerator[Item, None]) -> Iterator[Item]:
    """Drive a recipe that answers one thing after another, as they are asked for."""
    try:
        while True:
            try:
                item = run(recipe.__anext__())
            except StopAsyncIteration:
                return
            yield item
    finally:
        run(recipe.aclose())
