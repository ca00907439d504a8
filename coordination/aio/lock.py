"""The lock for asyncio."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from coordination.aio.bounds import bounded
from coordination.aio.hold import Hold
from coordination.errors import NothingScheduled
from coordination.named_lock import NamedLock, left
from coordination.sharing.place import Place
from coordination.timing import Seconds, waiting

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.telling import Teller

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Lock(NamedLock):
    """Mutual exclusion by name, first come, first served. Reusable; any number of tasks may share one.

    Each acquisition is a contender of its own, also of the same task: it is not reentrant. Whoever is
    cancelled stops waiting at once, and leaves nothing behind.
    """

    __slots__ = ("_asyncio", "_entered", "_last", "_teller")

    def __init__(self, runtime: AsyncioRuntime, teller: Teller, *parts: Any) -> None:
        super().__init__(runtime, *parts)
        self._asyncio = runtime
        self._teller = teller
        self._last: Hold | None = None
        self._entered: dict[asyncio.Task[Any] | None, list[Hold]] | None = None

    async def acquire(self, timeout: Seconds | None = None) -> Hold:
        """Wait for it, `timeout` seconds at most (None: for ever; 0: one try).

        Raises `AcquireTimeout` if others have it all the while, and the store's own error if the store
        could not be reached at the end. Nothing is left behind then. Waiting takes no thread.
        """
        within = waiting(timeout)
        self._asyncio.demand()
        acquisition = self._acquisition(within)
        async with bounded(self._runtime.clock, within, acquisition.overdue):
            return self._hold(await self._acquired(acquisition))

    async def try_acquire(self) -> Hold | None:
        """One try that waits for nobody: None if it is held or somebody waits for it."""
        self._asyncio.demand()
        async with bounded(self._runtime.clock, self._sharing.keeping.timeout):
            place = await self._tried(self._acquisition(self._sharing.keeping.timeout))
            return None if place is None else self._hold(place)

    async def release(self, timeout: Seconds | None = None) -> bool:
        """`Hold.release` of what was last acquired through this object; `NothingScheduled` if nothing was.

        Any task may; whoever keeps the hold itself should release that.
        """
        waiting(timeout)
        hold, self._last = self._last, None
        if hold is None:
            raise NothingScheduled(f"lock {self._name!r}: nothing was acquired through this object")
        return await hold.release(timeout)

    async def __aenter__(self) -> Hold:
        """Wait for it, and hold it for the block."""
        hold = await self.acquire()
        if self._entered is None:
            self._entered = {}
        self._entered.setdefault(asyncio.current_task(), []).append(hold)
        return hold

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give back what this task entered with; `LeaseLost` if it was lost and the block did not raise."""
        hold = left(self._entered or {}, asyncio.current_task(), self._name)
        await hold.__aexit__(kind, error, trace)

    def __call__(
        self, function: Callable[Arguments, Awaitable[Result]]
    ) -> Callable[Arguments, Awaitable[Result]]:
        """Decorate a coroutine function: it runs while this lock is held."""

        @functools.wraps(function)
        async def locked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            async with self:
                return await function(*args, **kwargs)

        return locked

    def _hold(self, place: Place) -> Hold:
        hold = Hold(self._asyncio, self._teller, place, self._name, self._metadata, self._tracer)
        self._last = hold
        return hold
