"""Membership of a group, for asyncio."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any, Self

from coordination.aio.bounds import bounded
from coordination.group import Group
from coordination.recipes.members import Member, MembershipEvent, comings_and_goings, members
from coordination.timing import Deadline, Seconds, waiting

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.telling import Teller


class Membership(Group):
    """A machine's membership of a group, which others see for as long as this process lives.

    Nothing is decided by it: a member that others still see may be gone for up to its ttl. It comes
    back by itself when its session was lost.
    """

    def __init__(self, runtime: AsyncioRuntime, teller: Teller, *parts: Any) -> None:
        super().__init__(runtime, *parts)
        self._asyncio = runtime
        self._teller = teller

    async def join(self, timeout: Seconds | None = None) -> None:
        """Become a member; joining twice changes nothing.

        `DuplicateMember` if another live process is one under this machine id: at once if that answers,
        and else when the record of a dead one has not gone after `timeout` seconds (None: twice the
        ttl, and 5).
        """
        self._asyncio.demand()
        self._keeping.demand()
        await self._presence.join(self._runtime, waiting(timeout))

    async def leave(self) -> bool:
        """Be a member no more; whether we were, or were about to come back as one."""
        self._demand_here()
        return await self._presence.leave(self._runtime)

    async def members(self) -> list[Member]:
        """All live members, by machine id."""
        self._keeping.demand()
        async with bounded(self._runtime.clock, self._keeping.timeout):
            return await members(self._runtime, self._keeping, self._folder)

    def watch(self, timeout: Seconds | None = None) -> AsyncGenerator[MembershipEvent, None]:
        """Everybody there now as having joined, then who joins and leaves, for `timeout` seconds.

        Who comes and goes in quick succession may not be told.
        """
        self._keeping.demand()
        bound = Deadline(self._runtime.clock, waiting(timeout))
        return comings_and_goings(self._runtime, self._keeping, self._folder, bound)

    async def __aenter__(self) -> Self:
        """Join for the block."""
        await self.join()
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Leave."""
        if self._keeping.home.here:
            await self.leave()

    def _told(self, callback: Callable[[], object]) -> None:
        self._teller.tell(callback)
