"""A lease for asyncio: what asks the store is awaited, everything else is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from coordination.aio.bounds import bounded, unknown
from coordination.aio.facts import Facts
from coordination.errors import ConfigurationError, LeaseLost, OutcomeUnknown, StoreError, StoreUnavailable
from coordination.fate import OnLost
from coordination.lease import RELEASING
from coordination.lease import Lease as BlockingLease
from coordination.timing import Seconds

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.telling import Teller


class Lease(Facts):
    """Timed ownership of a name, for the tasks of one event loop; belongs to the process that got it.

    Whoever is cancelled while he awaits one of these stops waiting at once; the request goes on.
    It is renewed by a thread, so a loop that is blocked, by whatever, does not lose it.
    """

    def __init__(self, runtime: AsyncioRuntime, teller: Teller, timeout: float, lease: BlockingLease) -> None:
        super().__init__(lease)
        self._timeout = timeout
        self._runtime = runtime
        self._teller = teller

    async def renew(self, period: Seconds | None = None) -> None:
        """Keep it for another period (None: the same); the index moves, the token stays.

        Raises `LeaseLost` if it is not ours any more. If the store could not be reached or could
        not say, raises `StoreUnavailable` or `OutcomeUnknown`, and `held` stays true to its deadline.
        """
        # One request's time for its turn, and one for itself.
        async with bounded(self._runtime.clock, 2 * self._timeout, unknown):
            await self._runtime.call(partial(self._lease.renew, period))

    async def release(self) -> bool:
        """Give it up: True if it was ours, False if we had released it before.

        Raises `LeaseLost` if it was lost; another's record is never touched. Takes about a second
        at most: `OutcomeUnknown` means that the rest is being done in the background. So it is when
        the caller is cancelled. It is not held from the moment of the call on.
        """
        self._runtime.demand()
        if not self._lease.leave():
            return False
        try:
            async with bounded(self._runtime.clock, RELEASING, OutcomeUnknown):
                await self._runtime.call(partial(self._lease.left, RELEASING), leaving=True)
        except StoreUnavailable as failure:  # There was no thread for it.
            self._lease.finish_later()
            raise OutcomeUnknown(f"{failure}; the release goes on in the background") from failure
        return True

    def keep_alive(self, on_lost: OnLost | None = None) -> Self:
        """Renew it in the background, a third of the period apart, until released or lost."""
        if on_lost is not None and not callable(on_lost):
            raise ConfigurationError(f"on_lost takes a callable, not {on_lost!r}")
        self._lease.keep_alive()
        if on_lost is not None:
            self.on_lost(on_lost)
        return self

    def on_lost(self, callback: OnLost) -> None:
        """Call `callback(lease, reason)` once, on the event loop, when it is lost.

        A coroutine function is started as a task of its own. What a callback raises is logged as
        the event `callback-raised`. A loop that is blocked calls nobody until it goes on (`held` and
        `lost` tell of it at once), and one that is closed never does.
        """
        if not callable(callback):
            raise ConfigurationError(f"on_lost takes a callable, not {callback!r}")
        self._lease.on_lost(lambda _lease, reason: self._teller.tell(callback, self, reason))

    async def commit(self, puts: Mapping[str, bytes | str] | None = None, deletes: Iterable[str] = ()) -> int:
        """Write data of the namespace in one transaction, only while the lease is ours; the index of it.

        Raises `LeaseLost` if it is not, `OutcomeUnknown` if the answer got lost. It may still be
        done after the caller was cancelled.
        """
        async with bounded(self._runtime.clock, self._timeout, unknown):
            return await self._runtime.call(partial(self._lease.commit, puts, deletes))

    async def __aenter__(self) -> Self:
        """Keep it alive for the block; raises `LeaseLost` rather than enter it unheld."""
        self.check()
        return self.keep_alive()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release it; raises `LeaseLost` if it was lost and the block itself did not raise."""
        try:
            await self.release()
        except LeaseLost as loss:
            if error is None:
                raise
            error.add_note(str(loss))
        except StoreError as failure:
            self._teller.warning("release-unconfirmed", name=self.name, error=str(failure))
