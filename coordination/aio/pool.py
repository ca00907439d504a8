"""A pool of units of work, for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from coordination import arguments
from coordination.aio.bounds import bounded, unknown
from coordination.aio.stopping import relayed
from coordination.aio.unit import Unit
from coordination.named_pool import NamedPool
from coordination.pooling.listing import UnitInfo
from coordination.pooling.obtaining import claim, wait_obtain
from coordination.pooling.ownership import Ownership
from coordination.timing import Seconds, waiting

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.telling import Teller


class Pool(NamedPool[Unit]):
    """One machine's part in a pool: units are defined once, and each is owned by one machine at a time.

    Every owned unit is a hold with a token of its own, on the session that all units of this manager
    share. For the tasks of one event loop; whoever is cancelled stops waiting at once, and leaves nothing
    behind.
    """

    def __init__(self, runtime: AsyncioRuntime, teller: Teller, *parts: Any) -> None:
        super().__init__(runtime, *parts)
        self._asyncio = runtime
        self._teller = teller

    async def add(self, unit: str, payload: object = None, weight: float = 1) -> bool:
        """Define a unit; False if there is one of that name, which stays as it is.

        `payload`: None, bytes, or what JSON can hold. `weight`: its part in `balance(by="weight")`. This,
        `update` and `remove` are done one at a time in each pool, and raise `OutcomeUnknown` if the answer
        got lost.
        """
        async with bounded(self._runtime.clock, 2 * self._keeping.timeout, unknown):
            return await self._added(unit, payload, weight)

    async def update(self, unit: str, payload: object) -> bool:
        """Give a unit another payload, which an owner that balances sees soon; False if there is none."""
        async with bounded(self._runtime.clock, 2 * self._keeping.timeout, unknown):
            return await self._updated(unit, payload)

    async def remove(self, unit: str) -> bool:
        """Remove a unit and its checkpoint; its owner is asked to let go. False if there is no such unit."""
        async with bounded(self._runtime.clock, 3 * self._keeping.timeout, unknown):
            return await self._removed(unit)

    async def units(self) -> list[UnitInfo]:
        """All units, by name, with who owns them."""
        async with bounded(self._runtime.clock, 3 * self._keeping.timeout):
            return await self._listed()

    async def obtain(self, unit: str | None = None) -> Unit | None:
        """Own any free unit, in no order, or the one named; None if it, or all, are taken. Never waits."""
        self._asyncio.demand()
        self._keeping.demand()
        return self._shown_or_none(await self._obtained(unit))

    async def wait_obtain(
        self, timeout: Seconds | None = None, *, stop: asyncio.Event | None = None
    ) -> Unit | None:
        """Wait until a unit is free and own it, `timeout` seconds at most (None: for ever; 0: one pass).

        Raises `AcquireTimeout` if all are taken all the while; None only if `stop` was set. There is no
        order among those who wait.
        """
        within, signal = waiting(timeout), self._runtime.signal()
        self._asyncio.demand()
        self._keeping.demand()
        stopped = asyncio.Event() if stop is None else stop
        ownership: Ownership | None = None
        try:
            async with relayed(stop, signal.set):
                waited = wait_obtain(self._runtime, self._tenancy, within, signal, stopped.is_set)
                ownership = await waited
            return self._shown_or_none(ownership)
        except BaseException:  # Cancelled in the moment it was ours.
            if ownership is not None:
                ownership.place.shared.abandon(ownership.place)
            raise

    async def claim(self, capacity: int) -> list[Unit]:
        """Own free units until we have `capacity` of them, or none is free; all that we own then."""
        self._asyncio.demand()
        self._keeping.demand()
        await claim(self._runtime, self._tenancy, arguments.count(capacity, "capacity"))
        return self.owned()

    async def balance(self, *, by: str = "count", at_most: int = 8) -> list[Unit]:
        """Keep our fair share from now on, until `drain` or the end; what we own after a first round.

        In the background, whenever a machine comes or goes or a unit changes hands: what is free is
        claimed, and the most loaded are asked for what we lack, at most `at_most` units at a time. Shares
        are equal `by` count or by weight. Calling it again costs nothing while nothing changes.
        `DuplicateMember` if another live process has our machine id.
        """
        self._asyncio.demand()
        await self._balanced(by, at_most)
        return self.owned()

    async def drain(self, timeout: Seconds | None = None) -> int:
        """Hand over everything: claim nothing more, have the users of our units let go, and wait for that.

        What they still have after `timeout` seconds (None: for ever), or when the caller is cancelled, is
        given up, `lost` as 'closed'; how many those were.
        """
        return await self._drained(waiting(timeout))

    def _unit(self, ownership: Ownership) -> Unit:
        return Unit(ownership, self._keys, self._asyncio, self._teller)

    def _told(self, callback: Callable[..., object], *args: object) -> None:
        self._teller.tell(callback, *args)
