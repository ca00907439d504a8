"""The part of a manager for asyncio that knows groups of machines, and the units of work that they own."""

from __future__ import annotations

from collections.abc import Mapping

from coordination.aio.locking import Locking
from coordination.aio.membership import Membership
from coordination.aio.pool import Pool
from coordination.locking import TTL
from coordination.timing import Seconds


class Gathering(Locking):
    """Groups and pools in one namespace of one store, for the tasks of one event loop."""

    def membership(
        self,
        group: str,
        *,
        machine_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
        ttl: Seconds = TTL,
    ) -> Membership:
        """A machine's membership of a group; no I/O. `metadata` is for the other members.

        `ttl`: seconds after which others see that this process is gone. All memberships, units and
        locks of a manager with one `ttl` share one session.
        """
        parts = self._manager.membership_parts(group, machine_id, metadata, ttl)
        return Membership(self._runtime, self._teller, *parts)

    def pool(self, name: str, *, machine_id: str | None = None, ttl: Seconds = TTL) -> Pool:
        """One machine's part in a pool of units of work; no I/O.

        `ttl`: seconds after which others may have its units when this process is gone.
        """
        return Pool(self._runtime, self._teller, *self._manager.pool_parts(name, machine_id, ttl))
