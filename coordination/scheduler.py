"""`LockScheduler` and `Once` for threads, after dlock; see `recipes/scheduler.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from coordination._blocking import BlockingRuntime
from coordination.clock import default_clock
from coordination.interrupts import allowed
from coordination.recipes.scheduler import Requesting, Scheduling
from coordination.runtime import run

Result = TypeVar("Result")


class LockScheduler:
    """A mutex that remembers whether what it was taken for succeeded. Fair; not reentrant."""

    def __init__(self) -> None:
        self._runtime = BlockingRuntime(default_clock())
        self._recipe = Scheduling()

    def schedule(self, f: Callable[[], Result]) -> Result:
        """Wait until nothing is scheduled, then run `f`; something is scheduled if it does not raise."""
        return run(self._recipe.schedule(self._runtime, _awaitable(f)))

    def done(self, f: Callable[[], Result]) -> Result:
        """Run `f`; if it does not raise, nothing is scheduled any more.

        Raises `NothingScheduled`, without running it, if nothing was.
        """
        return run(self._recipe.done(self._runtime, _awaitable(f)))


class Once:
    """An action that is run once at most."""

    def __init__(self) -> None:
        self._recipe = Requesting()

    def do(self, f: Callable[[], Result]) -> Result:
        """Run `f` and answer what it does; `ActionAlreadyRequested` after any call, also a failed one."""
        return run(self._recipe.do(_awaitable(f)))


def _awaitable(f: Callable[[], Result]) -> Callable[[], Awaitable[Result]]:
    async def action() -> Result:
        with allowed():  # It is the caller's own, and may take its time.
            return f()

    return action
