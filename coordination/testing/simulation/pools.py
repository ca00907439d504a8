"""The library's own pools under simulation: machines that balance, obtain, drain, crash, and edit units.

Three machines of one pool, each with a manager of its own. What each does is a choice of the schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from coordination.errors import AcquireTimeout, ConfigurationError, LeaseLost, StoreError
from coordination.pooling.obtaining import claim, wait_obtain
from coordination.pooling.ownership import Ownership
from coordination.recipes.holding import RELEASING, release
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.pool_rules import PoolRules, SimulatedPool
from coordination.testing.simulation.store import GuardedStore, SimulatedStore
from coordination.testing.simulation.turns import Cancelled
from coordination.testing.simulation.world import World

Part = Callable[[Any, Client, SimulatedPool], Coroutine[Any, Any, None]]

MISSED = (StoreError, AcquireTimeout, LeaseLost, ConfigurationError)
"""What may end a part: nobody promises that a unit is to be had whatever the store does."""

TRIES = 5
"""How often somebody does what he wants to have worked."""


class Pools(PoolRules):
    """What machines do."""

    come_at: tuple[float, ...] = (0.0, 1.0, 3.0)
    own_for: tuple[float, ...] = (0.5, 0.0, 8.0)
    """Seconds after which they come, and for which what is obtained by hand is kept."""

    def begin(self, world: World) -> None:
        """The first keeps its share to the end; what the others do is a choice."""
        self.define(world)
        for number, name in enumerate("abc"):
            client = world.client(name)
            pool = self.joins(client)
            part = self.parts[world.choose(len(self.parts)) if number else 0]
            client.start(self._act(part, client, pool, number), cancellable=number > 0)

    async def _act(self, part: Part, client: Client, pool: SimulatedPool, number: int) -> None:
        if number:
            await client.sleep(client.among(self.come_at))
        try:
            await self.tried(client, partial(part, self, client, pool))
        except Cancelled:
            client.start(self._act(part, client, pool, number), cancellable=True)
            raise

    async def tried(self, client: Client, part: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """A store that fails is no violation, and the end of the part."""
        try:
            return await part()
        except MISSED as error:
            if isinstance(error, ConfigurationError) and not self.keepers[client].closing:
                raise
            client.world.tell(f"{client}: {type(error).__name__}: {error}")
        return None

    # The parts.

    async def stays(self, client: Client, pool: SimulatedPool) -> None:
        """Keep its share from now on."""
        for _ in range(TRIES):  # Calling it again changes nothing.
            await self.tried(client, partial(pool.balance, "count", 8))
            await client.sleep(2.0)

    async def lets_go(self, client: Client, pool: SimulatedPool) -> None:
        """The same, with users that take their time to let go when they are asked."""

        def asked(ownership: Ownership) -> None:
            client.start(self.tried(client, partial(self._let_go, client, ownership)))

        pool.gained.append(lambda ownership: ownership.calls.append(partial(asked, ownership)))
        await self.stays(client, pool)

    async def drains(self, client: Client, pool: SimulatedPool) -> None:
        """Keep its share for a while, and then hand over everything."""
        await self.tried(client, partial(pool.balance, "count", 8))
        await client.sleep(client.among(self.own_for))
        client.start(self._drain(client, pool))  # Which nothing cancels.

    async def closes(self, client: Client, pool: SimulatedPool) -> None:
        """Keep its share until the manager is closed."""
        await self.tried(client, partial(pool.balance, "count", 8))
        await client.sleep(client.among(self.own_for))
        await client.runtime.call(pool.keeper.close)

    async def obtains(self, client: Client, pool: SimulatedPool) -> None:
        """Own a unit for a while, now and then, if one is free."""
        for _ in range(TRIES):
            ownership = await self.tried(client, partial(pool.obtain, None))
            if ownership is not None:
                self.obtained(ownership)
                await self._own(client, [ownership])
            await client.sleep(1.0)

    async def waits(self, client: Client, pool: SimulatedPool) -> None:
        """Wait for a unit."""
        ownership = await wait_obtain(client.runtime, pool.tenancy, 9.0, client.runtime.signal(), bool)
        assert ownership is not None
        self.obtained(ownership)
        await self._own(client, [ownership])

    async def claims(self, client: Client, pool: SimulatedPool) -> None:
        """Own two units for a while."""
        await claim(client.runtime, pool.tenancy, 2)
        await self._own(client, pool.tenancy.owned)

    async def edits(self, client: Client, pool: SimulatedPool) -> None:
        """Add a unit and remove another."""
        await self.tried(client, partial(pool.add, "u4", None, 1))
        await self.tried(client, partial(pool.remove, "u2"))
        await self.tried(client, partial(pool.update, "u1", "new"))

    parts: tuple[Part, ...] = (stays, lets_go, drains, closes, obtains, waits, claims, edits)

    # How they do it.

    async def _drain(self, client: Client, pool: SimulatedPool) -> None:
        """Until it worked: the machine would take part for ever else."""
        for _ in range(100):
            if pool.keeper.closing or await self.tried(client, partial(pool.drain, 3.0)) is not None:
                return
            await client.sleep(1.0)

    async def _own(self, client: Client, ownerships: Sequence[Ownership]) -> None:
        """Somebody may ask for them meanwhile, and get them."""
        try:
            await client.sleep(client.among(self.own_for))
        finally:
            for ownership in ownerships:
                if ownership.held and not client.crashed:
                    await self.tried(client, partial(release, client.runtime, ownership.place, RELEASING))

    async def _let_go(self, client: Client, ownership: Ownership) -> None:
        await client.sleep(client.among((0.0, 1.0)))
        if ownership.held:
            await release(client.runtime, ownership.place, RELEASING)


class PlainPools(Pools):
    """The same on a store that tells nobody of expiry, and has no fast paths but guarded writes."""

    def store(self, world: World) -> SimulatedStore:
        """Only looks find out that somebody is gone."""
        return GuardedStore(world)
