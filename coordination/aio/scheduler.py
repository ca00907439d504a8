"""`LockScheduler` and `Once` for asyncio, after dlock; see `recipes/scheduler.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from coordination._asyncio import AsyncioRuntime
from coordination.clock import default_clock
from coordination.recipes.scheduler import Requesting, Scheduling

Result = TypeVar("Result")


class LockScheduler:
    """A mutex that remembers whether what it was taken for succeeded. Fair; not reentrant."""

    def __init__(self) -> None:
        self._runtime = AsyncioRuntime(default_clock())
        self._recipe = Scheduling()

    async def schedule(self, f: Callable[[], Awaitable[Result]]) -> Result:
        """Wait until nothing is scheduled, then await `f()`; something is scheduled if it does not raise."""
        return await self._recipe.schedule(self._runtime, f)

    async def done(self, f: Callable[[], Awaitable[Result]]) -> Result:
        """Await `f()`; if it does not raise, nothing is scheduled any more.

        Raises `NothingScheduled`, without running it, if nothing was.
        """
        return await self._recipe.done(self._runtime, f)


class Once:
    """An action that is run once at most."""

    def __init__(self) -> None:
        self._recipe = Requesting()

    async def do(self, f: Callable[[], Awaitable[Result]]) -> Result:
        """Await `f()` and answer what it does; `ActionAlreadyRequested` after any call, also a failed one."""
        return await self._recipe.do(f)
