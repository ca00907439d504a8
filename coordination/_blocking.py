"""The runtime of the blocking face: whoever calls a recipe is the thread that does everything."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from typing import TypeVar

from coordination.clock import Clock
from coordination.interrupts import allowed
from coordination.runtime import Signal, run

Result = TypeVar("Result")
Item = TypeVar("Item")


class Flag:
    """A `Signal` that any thread may set and one waits for.

    Made of a bare lock: `threading.Event` is written in Python, and a KeyboardInterrupt in the thread
    that waits could leave its inner lock taken, for ever, for whoever sets it.
    """

    __slots__ = ("_happened", "_lock")

    def __init__(self) -> None:
        self._happened = False
        self._lock = threading.Lock()
        self._lock.acquire()

    def set(self) -> None:
        """It happened."""
        self._happened = True
        with suppress(RuntimeError):  # Nobody has waited since it was set before.
            self._lock.release()

    def clear(self) -> None:
        """Forget that it happened."""
        self._happened = False
        self._lock.acquire(blocking=False)

    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._happened

    def wait(self, timeout: float | None = None) -> bool:
        """Wait in real time."""
        if not self._happened:
            self._lock.acquire(timeout=-1 if timeout is None else min(timeout, threading.TIMEOUT_MAX))
        return self._happened


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
        return Flag()

    async def wait(self, signal: Signal, timeout: float | None) -> bool:
        """Wait, on the clock, until it is set, `timeout` seconds at most; whether it is. It stays set."""
        if not isinstance(signal, Flag):
            raise TypeError(f"{signal!r} is a signal of another runtime")
        with allowed():
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
