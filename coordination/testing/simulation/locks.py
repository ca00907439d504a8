"""The library's own lock under simulation: its recipe and shared sessions, on a simulated store.

Three clients contend for one lock, each with a shared session, a beat and a janitor of its own. What
each of them does is a choice of the schedule, like everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from coordination.errors import AcquireTimeout, ConfigurationError, LeaseLost, StoreError
from coordination.recipes.holding import release, wait_over
from coordination.recipes.inspecting import break_lock, look, request_release
from coordination.recipes.lock import Acquisition
from coordination.sharing.place import Place
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.hold_rules import FOLDER, TTL
from coordination.testing.simulation.keeping import SimulatedKeeping
from coordination.testing.simulation.lock_rules import LockRules
from coordination.testing.simulation.scenario import Violation
from coordination.testing.simulation.store import PlainStore, SimulatedStore
from coordination.testing.simulation.world import World

Part = Callable[[Any, Client, SimulatedKeeping], Coroutine[Any, Any, None]]


class Locks(LockRules):
    """Clients that acquire, hold, release, give up, try, break, ask, and get lost on the way."""

    clients = 3
    hold_for: tuple[float, ...] = (0.5, 0.0, 0.5, 0.0, 0.5, 8.0)
    wait_for: tuple[float, ...] = (1.0, 0.0, 1.0, 0.0, 1.0, 8.0)
    """Seconds for which the lock is held, and waited for: shorter than the ttl, not at all, longer."""

    def begin(self, world: World) -> None:
        """The first contends; what the others do is a choice."""
        for number in range(self.clients):
            client = world.client("abcdefgh"[number])
            keeping = self.enlist(client)
            part = self.parts[world.choose(len(self.parts)) if number and len(self.parts) > 1 else 0]
            client.start(self.act(part, client, keeping), cancellable=True)

    async def act(self, part: Part, client: Client, keeping: SimulatedKeeping) -> None:
        """Play a part; a store that fails is no violation, and the end of the part."""
        try:
            await part(self, client, keeping)
        except (StoreError, AcquireTimeout, LeaseLost, ConfigurationError) as error:
            client.world.tell(f"{client}: {type(error).__name__}: {error}")

    # The parts.

    async def contend(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Wait as long as it takes, hold it for a while, give it back."""
        place = await self._acquisition(client, keeping, None).wait()
        await self._hold(client, place)

    async def hurry(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Wait for a while only."""
        place = await self._acquisition(client, keeping, client.among(self.wait_for)).wait()
        await self._hold(client, place)

    async def attempt(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Try, without ever waiting for a turn."""
        for _ in range(3):
            place = await self._acquisition(client, keeping, keeping.timeout).once()
            if place is not None:
                await self._hold(client, place)
                return
            await client.sleep(1.0)

    async def crowd(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Two contend in one process."""
        client.start(self.act(Locks.contend, client, keeping), cancellable=True)
        await self.contend(client, keeping)

    async def again(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Contend twice on one session."""
        await self.contend(client, keeping)
        await self.contend(client, keeping)

    async def breaks(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Take the lock away from whoever has it, and contend."""
        await client.sleep(0.5)
        seen = await look(client.runtime, keeping, FOLDER)
        if seen:
            self.attacks(seen[0])
            broken = await break_lock(client.runtime, keeping, FOLDER, seen[0].created)
            self.attacked_it(seen[0], told=broken)
        await self.contend(client, keeping)

    async def meddles(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Delete the record of a contender, as a stranger with access to the store could."""
        await client.sleep(0.5)
        seen = await look(client.runtime, keeping, FOLDER)
        if seen:
            chosen = seen[client.world.choose(len(seen))]
            step = partial(client.store.delete, chosen.key, chosen.index, timeout=keeping.timeout)
            self.attacks(chosen)
            await client.runtime.call(step)
            self.attacked_it(chosen, told=False)

    async def asks(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Ask the holder to release, and contend."""
        await client.sleep(0.5)
        await request_release(client.runtime, keeping, FOLDER)
        await self.contend(client, keeping)

    async def watched(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Contend, while another task waits for the end of the hold, and a callback for its loss."""
        place = await self._acquisition(client, keeping, None).wait()
        client.start(self._see_the_end(client, place))
        self.losses[place] = 0
        place.fate.listen(self._loss_told)
        await self._hold(client, place)

    async def closes(self, client: Client, keeping: SimulatedKeeping) -> None:
        """Close the manager while a task of it contends."""
        client.start(self.act(Locks.contend, client, keeping), cancellable=True)
        await client.sleep(client.among(self.hold_for))
        await client.runtime.call(keeping.close)

    parts: tuple[Part, ...] = (
        *(contend, hurry, attempt, crowd, again, breaks, meddles, asks, watched, closes),
    )

    async def _see_the_end(self, client: Client, place: Place) -> None:
        outcome = await wait_over(client.runtime, place, None)
        if outcome is None or (place.outcome or outcome) != outcome:
            raise Violation(f"told wrongly: {client} heard {outcome}, it was {place.outcome}")

    def _acquisition(self, client: Client, keeping: SimulatedKeeping, timeout: float | None) -> Acquisition:
        return Acquisition(client.runtime, keeping.sharing, FOLDER, TTL, _value, timeout)

    async def _hold(self, client: Client, place: Place) -> None:
        self.granted(client, place)
        asked = client.runtime.signal()
        place.on_asked(asked.set)
        try:
            await client.runtime.wait(asked, client.among(self.hold_for))
        finally:
            await release(client.runtime, place, 1.0)


class Brief(Locks):
    """Each contends once, and gives it back at once: short enough to try every order to some depth."""

    hold_for = (0.0,)
    parts = (Locks.contend,)


class PlainLocks(Locks):
    """The same on a store that has only what the contract asks for."""

    noticed = 1.0

    def store(self, world: World) -> SimulatedStore:
        """Entering, proving and looking take several requests here, between which others come."""
        return PlainStore(world)


class Crowds(Locks):
    """Several in each process, who are cancelled and time out: what they know of one another counts."""

    parts = (Locks.crowd, Locks.hurry, Locks.watched, Locks.attempt, Locks.closes)


class LongHolds(Locks):
    """Held for twice the ttl, through outages, delays and broken locks: what they believe counts."""

    hold_for = (12.0,)
    parts = (Locks.contend, Locks.breaks, Locks.meddles, Locks.contend)


def _value() -> bytes:
    return b"{}"
