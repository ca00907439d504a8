"""A unit of work that this machine owns, for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coordination.aio.bounds import bounded, unknown
from coordination.aio.hold import Hold
from coordination.pooling.keys import Keys
from coordination.pooling.ownership import Ownership
from coordination.unit import UnitFacts

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.telling import Teller


class Unit(UnitFacts, Hold):
    """A unit of work that this machine owns, for the tasks of one event loop."""

    __slots__ = ("_keys", "_ownership")

    def __init__(self, ownership: Ownership, keys: Keys, runtime: AsyncioRuntime, teller: Teller) -> None:
        super().__init__(runtime, teller, ownership.place, ownership.unit, None, None)
        self._ownership = ownership
        self._keys = keys

    async def checkpoint(self, value: object) -> int:
        """Keep how far it has come, for whoever owns it next; the index of the write.

        Fenced: `LeaseLost`, and nothing written, if it is not ours at that moment. `value`: None, bytes, or
        what JSON can hold. `OutcomeUnknown` if the answer got lost; it may be done after a cancellation.
        """
        async with bounded(self._runtime.clock, self._keeping.timeout, unknown):
            return await self._write(self._runtime, value)

    async def restore(self) -> Any:
        """What was last kept by `checkpoint`, by whichever owner; None if nothing was. Linearizable."""
        async with bounded(self._runtime.clock, self._keeping.timeout):
            return await self._read(self._runtime)
