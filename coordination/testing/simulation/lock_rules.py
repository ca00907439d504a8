"""What must never be seen of the queue of a lock: lost wake-ups, holders not told, things left behind."""

from __future__ import annotations

from coordination.sharing.place import HELD, WAITING, Place
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.hold_rules import FOLDER, TTL, HoldRules
from coordination.testing.simulation.scenario import Violation
from coordination.testing.simulation.world import World

RECOVERED = 6.0
"""True seconds after the last mishap of a client within which a waiter finds out that it is its turn:
its next look or beat, and a pause or two before that."""

AFTERMATH = 2.5
"""True seconds after a mishap for which pauses go on that it gave rise to."""

CLEARED = 6.0
"""True seconds, two beats and some, within which a session in good order loses what nobody wants."""

FORGOTTEN = 2.2 * TTL
"""True seconds within which everything else is gone, and within which a loss is noticed at the latest."""


class LockRules(HoldRules):
    """Looks at the holds after each step, and at the queue whenever all is quiet."""

    noticed = 0.0
    """Seconds within which a waiter finds out without being told that the one before it has expired."""

    def __init__(self) -> None:
        super().__init__()
        self._fine: tuple[int, Place] | None = None
        """At which index the head of the queue held, so that all was well until something is written."""
        self._entered: dict[int, float] = {}
        self._heads: dict[int, float] = {}

    def at_rest(self, world: World) -> None:
        """Whoever is first in the queue holds, or is about to leave it; whoever was robbed knows."""
        for hold in self.holds if self._told else ():
            self._knows(*hold)
        if self._fine is not None and self._fine[0] == world.store.index and self._fine[1].held:
            return
        self._fine = None
        queue = world.store.under(FOLDER)
        for record in queue:
            self._entered.setdefault(record.created, world.now)
        if not queue:
            return
        head = queue[0]
        since = self._heads.setdefault(head.created, world.now)
        client, place = self.owner(head)
        if client is None or client.crashed or client.frozen:
            return
        calm = self._calm_for(client)
        quiet_for = min(world.now - since, calm)
        if place is not None and place.state == WAITING:
            undisturbed = calm > world.now - self._entered[head.created] + AFTERMATH
            if quiet_for > RECOVERED or (undisturbed and world.now - since >= self.noticed):
                raise Violation(f"lost wake-up: {client} is first with {head.key}, and does not know")
        elif place is None or place.state != HELD or not place.held:
            healthy = any(it.believed for it in self.keepings[client].sharing.sessions())
            if quiet_for > (CLEARED if healthy else FORGOTTEN):
                raise Violation(f"left behind: {head.key} heads the queue, and nobody wants it")
        else:
            self._fine = (world.store.index, place)

    def settled(self, world: World) -> bool:
        """Nothing is there, and nothing is remembered or on its way that could appear."""
        return not (world.underway or self._left(world) or self._told_wrongly())

    def at_end(self, world: World) -> None:
        """Nothing is left of anybody who did not crash."""
        if left := self._left(world):
            raise Violation(f"left behind: {left}")
        if wrongly := self._told_wrongly():
            raise Violation(f"told of a loss as often as this: {wrongly}")

    def _left(self, world: World) -> list[str]:
        left = []
        for record in world.store.under(FOLDER):
            client = self.owner(record)[0]
            if client is not None and not client.crashed:
                left.append(record.key)
        for client, keeping in self.keepings.items():
            if not (client.crashed or keeping.closed):
                left += [f"{key} in its ledger" for it in keeping.sharing.sessions() for key in it.places]
        return left

    def _knows(self, client: Client, place: Place) -> None:
        if place.created not in self._told or self._calm_for(client) < RECOVERED:
            return
        if place.held and not (client.frozen or client.crashed):
            raise Violation(f"not told: {client} believes in token {place.created}, which was broken")
