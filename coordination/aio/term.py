"""A term for asyncio: what asks the store or waits is awaited, everything else is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from coordination.aio.bounds import bounded, unknown
from coordination.aio.scoped import Scoped
from coordination.errors import OutcomeUnknown
from coordination.lease import RELEASING
from coordination.recipes.leading.acknowledging import BRIEFLY
from coordination.recipes.leading.ending import end
from coordination.term import TermFacts
from coordination.timing import Seconds, waiting

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.telling import Teller
    from coordination.recipes.leading.tenure import Tenure


class Term(TermFacts, Scoped):
    """One term, for the tasks of one event loop; belongs to the process that got it.

    `stop` is set when it is lost or over, or `Leader.run` is to end: whatever works under it has to
    stop. What `run` runs is cancelled as well. Callbacks of `on_lost` are called on the event loop;
    coroutine functions are started as tasks. A thread renews it, so a loop that is blocked, by
    whatever, does not lose it.
    """

    __slots__ = ("_asyncio", "_teller", "stop")

    def __init__(self, runtime: AsyncioRuntime, teller: Teller, tenure: Tenure) -> None:
        super().__init__(runtime, tenure)
        self._asyncio = runtime
        self._teller = teller
        self.stop = asyncio.Event()
        tenure.listen(lambda: runtime.tell(self.stop.set))

    async def release(self) -> bool:
        """Give it up, when all work under it has stopped: True if it was ours, False if it was over.

        Raises `LeaseLost` if it was lost; a newer version that took it over and waits for us is told
        that our work has stopped. Takes about a second at most; what could not be done by then is
        finished in the background, as it is when the caller is cancelled. It is not held from the
        moment of the call on.
        """
        self._asyncio.demand()
        try:
            async with bounded(self._runtime.clock, RELEASING + BRIEFLY, OutcomeUnknown):
                return await end(self._runtime, self._tenure)
        except OutcomeUnknown:
            return True

    async def wait(self, timeout: Seconds | None = None) -> str | None:
        """Wait until it is over: 'released', or the reason of its loss; None if not within `timeout` s."""
        return await self._over(waiting(timeout))

    async def commit(self, puts: Mapping[str, bytes | str] | None = None, deletes: Iterable[str] = ()) -> int:
        """Write data of the namespace in one transaction, only while we lead; the index of it.

        Raises `LeaseLost` if we do not, `OutcomeUnknown` if the answer got lost. It may still be done
        after the caller was cancelled.
        """
        with self._tenure.telling():
            async with bounded(self._runtime.clock, self._tenure.keeper.timeout, unknown):
                return await self._runtime.call(partial(self._tenure.commit, puts, deletes))

    def _told(self, callback: Callable[..., object], *arguments: object) -> None:
        self._teller.tell(callback, *arguments)
