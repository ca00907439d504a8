"""Taking turns within one process: dlock's lock scheduler and its once-only action.

A scheduler is a fair mutex that remembers whether what it was taken for succeeded. Unlike dlock's, a
caller that waits can be cancelled, and a caller that fails hands on to the next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from coordination.errors import ActionAlreadyRequested, NothingScheduled
from coordination.runtime import Runtime
from coordination.sharing.turns import Turns

Result = TypeVar("Result")
Action = Callable[[], Awaitable[Result]]


class Scheduling:
    """The recipe behind `LockScheduler`."""

    def __init__(self) -> None:
        self._turns = Turns()
        self._acting = Turns()
        self._scheduled = False

    async def schedule(self, runtime: Runtime, action: Action[Result]) -> Result:
        """Wait until nothing is scheduled, run `action`; scheduled if it succeeded."""
        await self._turns.take(runtime)
        succeeded = False  # Not `_scheduled`: a `done` may have come and gone by the time it is looked at.
        try:
            await self._acting.take(runtime)
            try:
                result = await action()
                self._scheduled = succeeded = True
                return result
            finally:
                self._acting.give()
        finally:
            if not succeeded:
                self._turns.give()

    async def done(self, runtime: Runtime, action: Action[Result]) -> Result:
        """Run `action`; if it succeeds nothing is scheduled any more, and one waiter goes on."""
        await self._acting.take(runtime)
        try:
            if not self._scheduled:
                raise NothingScheduled("nothing scheduled")
            result = await action()
            self._scheduled = False
            self._turns.give()
            return result
        finally:
            self._acting.give()


class Requesting:
    """The recipe behind `Once`."""

    def __init__(self) -> None:
        self._turns = Turns()

    async def do(self, action: Action[Result]) -> Result:
        """Run `action`, the first time, whether or not it succeeds."""
        if not self._turns.try_take():
            raise ActionAlreadyRequested("lock action already requested")
        return await action()
