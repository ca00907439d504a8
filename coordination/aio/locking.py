"""The part of a manager for asyncio that locks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coordination import arguments
from coordination.aio.bounds import bounded, unknown
from coordination.aio.door import Door
from coordination.aio.lock import Lock
from coordination.locking import TTL
from coordination.recipes.inspecting import Contender, break_lock, holders, request_release
from coordination.timing import Seconds


class Locking(Door):
    """Locks in one namespace of one store, for the tasks of one event loop."""

    def lock(
        self,
        name: str,
        *,
        ttl: Seconds = TTL,
        metadata: Mapping[str, str] | None = None,
        tracer: Any = None,
    ) -> Lock:
        """A lock by that name; no I/O. All locks of a manager with one `ttl` share one session.

        `ttl`: seconds after which others may have it when this process is gone. `metadata` is for who
        looks at the holders. `tracer`: of OpenTelemetry, for spans around acquire and release.
        """
        _runtime, *parts = self._manager.lock_parts(name, ttl, metadata, tracer)
        return Lock(self._runtime, self._teller, *parts)

    async def holders(self, name: str) -> list[Contender]:
        """The holder of the lock, then those who wait for it, in their order; empty if it is free."""
        keeper = self._manager.keeper
        async with bounded(self.clock, keeper.timeout):
            return await holders(self._runtime, keeper, name, self._manager.folder(name))

    async def break_lock(self, name: str, token: int) -> bool:
        """Take the lock away from the holder you saw under `token`; False if that is not the holder any more.

        The next one who waits has it then. The holder is told, but may go on for a moment, or for
        longer if it is paused: fence what it writes.
        """
        folder, seen = self._manager.folder(name), arguments.token(token)
        async with bounded(self.clock, self._manager.keeper.timeout, unknown):
            return await break_lock(self._runtime, self._manager.keeper, folder, seen)

    async def request_release(self, name: str) -> bool:
        """Ask the holder to release: it hears by `Hold.on_release_requested`, and decides.

        False if nobody holds it, or its holder has just begun and cannot hear yet.
        """
        keeper = self._manager.keeper
        async with bounded(self.clock, keeper.timeout):
            return await request_release(self._runtime, keeper, self._manager.folder(name))
