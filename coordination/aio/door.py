"""How a manager for asyncio is made of a blocking one, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

from coordination._asyncio import AsyncioRuntime
from coordination.aio.bounds import bounded
from coordination.aio.lease import Lease
from coordination.aio.telling import Teller
from coordination.claim import Claim
from coordination.clock import Clock
from coordination.errors import CoordinationError, StoreError, StoreUnavailable
from coordination.lease import Lease as BlockingLease
from coordination.manager import Manager as BlockingManager

Result = TypeVar("Result")

UNDER_WAY = 0.5
"""Seconds that closing waits for requests, and for giving back what cancelled callers won."""

ENDING = 0.5
"""Seconds that closing waits for threads whose requests hang."""


class Door:
    """A blocking manager, and the runtime that makes its requests for the tasks of one event loop."""

    def __init__(self, manager: BlockingManager) -> None:
        self._manager = manager
        self._runtime = AsyncioRuntime(manager.clock, manager.keeper.sharing.forsake)
        self._teller = Teller(self._runtime, manager.keeper.notifier)

    @property
    def runtime(self) -> AsyncioRuntime:
        """What recipes run on; not for users."""
        return self._runtime

    @property
    def clock(self) -> Clock:
        """What deadlines are kept on."""
        return self._manager.clock

    async def close(self) -> None:
        """Release what is kept alive and end the threads; what is merely acquired is left to its period.

        It takes 2.5 s at most. Calls under way fail, or are undone. In a child of fork it does nothing.
        """
        keeper = self._manager.keeper
        if not keeper.home.here:
            return
        self._runtime.demand()
        keeper.closing = True  # From here on calls are refused, and what those under way acquire is released.
        await self._runtime.drained(UNDER_WAY)
        if not keeper.closed:
            await self._runtime.call(self._manager.close, leaving=True)
        await self._runtime.close(ENDING)

    async def __aenter__(self) -> Self:
        """The manager, to be closed at the end of the block. No I/O."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        await self.close()

    def __repr__(self) -> str:
        return f"<aio {repr(self._manager)[1:]}"

    def _lease(self, lease: BlockingLease) -> Lease:
        return Lease(self._runtime, self._teller, self._manager.keeper.timeout, lease)

    def _seen(self, lease: BlockingLease | None) -> Lease | None:
        return None if lease is None else self._lease(lease)

    async def _asked(self, step: Callable[[], Result], late: type[StoreError] = StoreUnavailable) -> Result:
        """What the store answers, or `late` if that took too long, perhaps for want of a thread."""
        async with bounded(self.clock, self._manager.keeper.timeout, late):
            return await self._runtime.call(step)

    async def _won(
        self, step: Callable[[], BlockingLease | None], late: type[StoreError] = StoreUnavailable
    ) -> Lease | None:
        """What the step acquires; if the caller is gone before he has it, it is released."""
        claim = self._claim()
        try:
            return self._seen(await self._asked(claim.of(step), late))
        except BaseException:
            claim.abandon()
            raise

    def _claim(self) -> Claim[BlockingLease]:
        return Claim(self._give_back)

    def _give_back(self, lease: BlockingLease) -> None:
        """In the background; if there is no thread for it, it is left to its period."""

        def release() -> None:
            with suppress(CoordinationError):
                lease.release()

        with suppress(CoordinationError):
            self._runtime.later(release)
