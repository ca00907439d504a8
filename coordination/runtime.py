"""What a recipe may await: the small protocol that lets one text serve threads, asyncio and the simulator.

Recipes are `async def` functions over a `Runtime`. `run()` drives one to its end for the blocking
face, whose runtime never suspends; asyncio awaits it; the simulator steps it and decides who goes
next. So a recipe awaits nothing but its runtime, and every request to a store goes through `call`,
one request in each.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from coordination.clock import Clock
from coordination.interrupts import deferred

Result = TypeVar("Result")


class Signal(Protocol):
    """Something that happened once, until it is cleared. `set` may be called on any thread."""

    def set(self) -> None:
        """It happened. Never blocks, never raises."""
        ...

    def clear(self) -> None:
        """Forget that it happened."""
        ...


class Runtime(Protocol):
    """One way of waiting."""

    @property
    def clock(self) -> Clock:
        """What time is kept on."""
        ...

    def signal(self) -> Signal:
        """A new one, not set."""
        ...

    async def wait(self, signal: Signal, timeout: float | None) -> bool:
        """Wait until it is set, `timeout` seconds at most (None: for ever); whether it is. It stays set."""
        ...

    async def call(self, step: Callable[[], Result], *, leaving: bool = False) -> Result:
        """Run one bounded, blocking request. `leaving`: it gives something back, and must not queue up.

        When the caller is cancelled (asyncio), this raises at once and the request goes on: whoever
        wrote `step` has to see to what it still brings about. One that has not begun is never made,
        unless it is `leaving`.
        """
        ...


def run(recipe: Coroutine[Any, Any, Result]) -> Result:
    """Drive a recipe whose runtime never suspends, and answer what it returns.

    Ctrl-C reaches it only where it waits, and is else handled at the end (`interrupts.py`).
    """
    with deferred():
        try:
            recipe.send(None)
        except StopIteration as end:
            result: Result = end.value
            return result
        recipe.close()
        raise RuntimeError("a recipe awaited something that is not of its runtime")
