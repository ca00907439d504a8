"""What must never be seen of a pool: a unit that two own, that nobody owns in the end, that is no unit."""

from __future__ import annotations

from coordination.named_pool import NamedPool
from coordination.pooling.definitions import Definition
from coordination.pooling.keys import keys_of
from coordination.pooling.ownership import Ownership
from coordination.recipes.presence import Presence
from coordination.sharing.place import Place
from coordination.sharing.values import owner_value
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.keeper import SimulatedKeeper
from coordination.testing.simulation.leaving_rules import LeavingRules
from coordination.testing.simulation.scenario import Violation
from coordination.testing.simulation.world import World

KEYS = keys_of("", "name")
TTL = 6.0


class SimulatedPool(NamedPool[Ownership]):  # type: ignore[type-var]  # nobody here wants more of a unit
    """One machine's part in the pool, as both faces have it."""

    def __init__(self, client: Client, keeper: SimulatedKeeper) -> None:
        key, name, sharing = f"{KEYS.machines}{client.name}", client.name, keeper.sharing
        self.presence = Presence(
            sharing, key, TTL, lambda shared: owner_value(name, name, 0.0, None, shared.incarnation)
        )
        super().__init__(client.runtime, sharing, KEYS, self.presence, "name", name, TTL)
        self.keeper = keeper
        self.tenancy = self._tenancy
        self.gained = self._balancing.share.gained
        self.add, self.remove, self.update = self._added, self._removed, self._updated
        self.obtain, self.balance, self.drain = self._obtained, self._balanced, self._drained

    def _unit(self, ownership: Ownership) -> Ownership:
        return ownership

    @property
    def balancing(self) -> bool:
        """Whether it is to keep its share: others leave that to it."""
        return self._balancing.share.on and self.presence._wanted and not self.keeper.closed

    @property
    def machine(self) -> str:
        """The key of its record among the machines."""
        return f"{KEYS.machines}{self.machine_id}"


class PoolRules(LeavingRules):
    """Looks at every ownership after each step, and at all units at the end."""

    units: tuple[str, ...] = ("u1", "u2", "u3")

    def __init__(self) -> None:
        super().__init__()
        self.pools: dict[Client, SimulatedPool] = {}
        self.removed: dict[str, int] = {}
        """Units that are none any more, and since which index of the store."""
        self._held: dict[Place, Client] = {}
        self._tokens: dict[str, int] = {}
        self._index = 0

    def define(self, world: World) -> None:
        """Have units there from the beginning."""
        for unit in self.units:
            world.store.put(KEYS.definition(unit), Definition().encode())

    def joins(self, client: Client) -> SimulatedPool:
        """The client has a part in the pool from now on."""
        pool = self.pools[client] = SimulatedPool(client, self.enlist(client))
        return pool

    def obtained(self, ownership: Ownership) -> None:
        """Somebody was given a unit that he asked for, of which he knew nothing before."""
        removed_at = self.removed.get(ownership.unit)
        if removed_at is not None and removed_at < ownership.place.created:
            raise Violation(f"no unit: {ownership.unit} is owned, and was removed before that")

    def after_step(self, world: World) -> None:
        """Whenever something was written."""
        if world.store.index != self._index:
            self._index = world.store.index
            self._look(world)
            self.at_rest(world)

    def at_rest(self, world: World) -> None:
        """Nobody believes in a record that is not there; no two own one unit."""
        for client, pool in self.pools.items():
            if not client.crashed:
                self._count(client, pool)
        owners: dict[str, Client] = {}
        for place, client in list(self._held.items()):
            if client.crashed or (not client.frozen and not place.held):
                del self._held[place]
            elif not client.frozen:
                if place.key in owners:
                    raise Violation(f"two owners: of {place.key}, {owners[place.key]} and {client}")
                owners[place.key] = client
                if not world.store.there(place.key, place.created):
                    raise Violation(f"phantom: {client} believes in {place.key}, whose record is not there")

    def _count(self, client: Client, pool: SimulatedPool) -> None:
        """What the client owns by now."""
        for shared in pool.keeper.sharing.sessions():
            for key, place in shared.places.items():
                if place not in self._held and key.startswith(KEYS.owners) and place.held:
                    self._won(client, place)

    def _won(self, client: Client, place: Place) -> None:
        token, before = place.created, self._tokens.get(place.key, 0)
        client.world.tell(f"{client}: OWNS {place.key} under token {token}")
        if token <= before:
            raise Violation(f"tokens do not rise: {place.key} has {token} after {before}")
        self._held[place], self._tokens[place.key] = client, token

    def _look(self, world: World) -> None:
        """Which units there are."""
        there = {_unit_of(record.key) for record in world.store.under(KEYS.definitions)}
        for unit in self.removed.keys() & there:
            del self.removed[unit]
        for unit in {*self.units, *self.removed} - there:
            self.removed.setdefault(unit, world.store.index)

    # The end.

    def settled(self, world: World) -> bool:
        """Everything has gone that should, and everybody has his share."""
        return super().settled(world) and not self._unfair(world)

    def at_end(self, world: World) -> None:
        """Nothing is left, and whoever balances owns his share."""
        super().at_end(world)
        if unfair := self._unfair(world):
            raise Violation(unfair)

    def left(self, world: World) -> list[str]:
        """All but what those who balance are to have."""
        mine = {pool.machine for pool in self._alive()} | {place.key for place in self._held}
        return [it for it in super().left(world) if it.removesuffix(" in its ledger") not in mine]

    def _alive(self) -> list[SimulatedPool]:
        return [it for client, it in self.pools.items() if it.balancing and not client.crashed]

    def _unfair(self, world: World) -> str:
        there = [_unit_of(record.key) for record in world.store.under(KEYS.definitions)]
        pools = self._alive()
        if absent := [pool.machine for pool in pools if world.store.found(pool.machine) is None]:
            return f"absent: {absent}"
        owned = {pool.machine_id: [it.unit for it in pool.tenancy.owned] for pool in pools}
        if gone := sorted({unit for units in owned.values() for unit in units} - {*there}):
            return f"no unit: {gone} are owned in the end"
        free = sorted({*there} - {_unit_of(place.key) for place in self._held})
        if pools and free:
            return f"nobody's: {free}, of {owned}"
        shares = [len(units) for units in owned.values()]
        return f"unfair: {owned}" if max(shares, default=0) > min(shares, default=0) + 1 else ""


def _unit_of(key: str) -> str:
    return key.rpartition("/")[2]
