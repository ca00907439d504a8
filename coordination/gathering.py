"""The part of a manager that knows groups of machines, and the units of work that they own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coordination import arguments
from coordination.locking import TTL, Locking
from coordination.membership import Membership
from coordination.pool import Pool
from coordination.pooling.keys import keys_of
from coordination.recipes.members import MEMBERS
from coordination.recipes.presence import Presence
from coordination.record import key_of
from coordination.sharing.values import owner_value
from coordination.timing import Seconds


class Gathering(Locking):
    """Groups and pools in one namespace of one store."""

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
        return Membership(self._keeper.runtime, *self.membership_parts(group, machine_id, metadata, ttl))

    def pool(self, name: str, *, machine_id: str | None = None, ttl: Seconds = TTL) -> Pool:
        """One machine's part in a pool of units of work; no I/O.

        `ttl`: seconds after which others may have its units when this process is gone.
        """
        return Pool(self._keeper.runtime, *self.pool_parts(name, machine_id, ttl))

    def pool_parts(self, name: str, machine_id: str | None, ttl: Seconds) -> tuple[Any, ...]:
        """What a pool is made of, checked; for the faces of it."""
        keeper = self._keeper
        keys = keys_of(keeper.namespace, name)
        keeper.demand()
        machine = arguments.machine(machine_id, self._machine_id)
        presence = self._presence(keys.machines, machine, {}, ttl)
        period = arguments.period(ttl, keeper.store.capabilities, "ttl")
        return keeper.sharing, keys, presence, name, machine, period

    def membership_parts(
        self, group: str, machine_id: str | None, metadata: Mapping[str, str] | None, ttl: Seconds
    ) -> tuple[Any, ...]:
        """What a membership is made of, checked; for the faces of it."""
        keeper = self._keeper
        folder = f"{key_of(keeper.namespace, MEMBERS, group)}/"
        keeper.demand()
        machine = arguments.machine(machine_id, self._machine_id)
        entries = arguments.metadata(metadata)
        presence = self._presence(folder, machine, entries, ttl)
        return keeper, presence, folder, group, machine

    def _presence(self, folder: str, machine: str, metadata: Mapping[str, str], ttl: Seconds) -> Presence:
        keeper = self._keeper
        key = f"{folder}{arguments.short(machine, 'machine_id')}"
        period = arguments.period(ttl, keeper.store.capabilities, "ttl")
        return Presence(
            keeper.sharing,
            key,
            period,
            lambda shared: owner_value(machine, machine, keeper.clock.wall(), metadata, shared.incarnation),
        )
