"""A hold for asyncio: what asks the store or waits is awaited, everything else is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from coordination.aio.bounds import bounded, unknown
from coordination.aio.scoped import Scoped
from coordination.hold import HeldFacts, data
from coordination.recipes.holding import RELEASING, release_traced, wait_over, written
from coordination.timing import Seconds, waiting

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.telling import Teller
    from coordination.sharing.place import Place

GRACE = 0.05
"""Seconds over its timeout that a release waits for its answer, before it leaves it to the background."""


class Hold(HeldFacts, Scoped):
    """One acquisition of a lock, for the tasks of one event loop; belongs to the process that got it.

    Callbacks of `on_lost` and `on_release_requested` are called on the event loop; coroutine functions
    are started as tasks. A thread renews it, so a loop that is blocked, by whatever, does not lose it.
    """

    __slots__ = ("_teller",)

    def __init__(
        self,
        runtime: AsyncioRuntime,
        teller: Teller,
        place: Place,
        name: str,
        metadata: Mapping[str, str] | None,
        tracer: Any,
    ) -> None:
        super().__init__(runtime, place, name, metadata, tracer)
        self._teller = teller

    async def release(self, timeout: Seconds | None = None) -> bool:
        """Give it back: True if it was ours, False if it was given back before.

        Raises `LeaseLost` if it was lost. Takes `timeout` seconds at most (None: 1; 0: none at all);
        what could not be done by then is finished in the background, or ends with the session, and
        `released` says when. So it is when the caller is cancelled. It is not held from the moment of
        the call on.
        """
        within = waiting(timeout)
        bound = RELEASING if within is None else within
        try:
            async with asyncio.timeout(bound + GRACE):
                return await release_traced(self._runtime, self._place, self._name, self._tracer, bound)
        except TimeoutError:
            return True

    async def wait(self, timeout: Seconds | None = None) -> str | None:
        """Wait until it is over: 'released', or the reason of its loss; None if not within `timeout` s."""
        return await wait_over(self._runtime, self._place, waiting(timeout))

    async def commit(self, puts: Mapping[str, bytes | str] | None = None, deletes: Iterable[str] = ()) -> int:
        """Write data of the namespace in one transaction, only while it is ours; the index of it.

        Raises `LeaseLost` if it is not, `OutcomeUnknown` if the answer got lost. It may still be done
        after the caller was cancelled.
        """
        self.check()
        timeout = self._place.shared.keeping.timeout
        async with bounded(self._runtime.clock, timeout, unknown):
            return await written(self._runtime, self._place, *data(self._place, puts, deletes))

    def _told(self, callback: Callable[..., object], *arguments: object) -> None:
        self._teller.tell(callback, *arguments)
