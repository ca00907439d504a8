"""What must never be seen of the holds of a lock: two at once, one without a record, tokens out of order."""

from __future__ import annotations

from coordination.record import Record
from coordination.sharing.place import Place
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.keeping import SimulatedKeeping
from coordination.testing.simulation.scenario import Scenario, Violation
from coordination.testing.simulation.world import World

FOLDER = "/locks/name/"
TTL = 6.0


class HoldRules(Scenario):
    """Looks at every hold of every client after each step."""

    def __init__(self) -> None:
        self.keepings: dict[Client, SimulatedKeeping] = {}
        self.holds: list[tuple[Client, Place]] = []
        self.attacked: set[int] = set()
        """Tokens whose record somebody may have removed behind the holder's back."""
        self.losses: dict[Place, int] = {}
        """How often a loss of these holds was told."""
        self._last = 0
        self._told: set[int] = set()
        self._excused: dict[Client, float] = {}
        self._unbacked: dict[int, float] = {}

    def enlist(self, client: Client) -> SimulatedKeeping:
        """The client has a manager from now on."""
        keeping = self.keepings[client] = SimulatedKeeping(client)
        return keeping

    def granted(self, client: Client, place: Place) -> Place:
        """A client was told that it holds."""
        world, token = client.world, place.created
        world.tell(f"{client}: HOLDS under token {token}")
        self.holds.append((client, place))
        if not place.held:
            raise Violation(f"hollow: {client} was granted token {token}, which is not held")
        if not world.store.there(place.key, token):
            prompt = self._calm_for(client) > 0 and client.lingered_at < world.now
            if prompt or token not in self.attacked:
                raise Violation(f"phantom: {client} was granted token {token}, whose record is not there")
            return place
        if token <= self._last:
            raise Violation(f"out of order: {client} was granted token {token} after {self._last}")
        self._last = token
        ahead = [it for it in world.store.under(FOLDER) if it.created < token]
        if ahead:
            raise Violation(f"out of turn: {client} was granted token {token} behind {ahead[0].key}")
        return place

    def attacks(self, record: Record) -> None:
        """Somebody is about to remove a record behind its owner's back, and may fail on the way."""
        self.attacked.add(record.created)
        owner = self.owner(record)[0]
        if owner is not None:
            self._excused[owner] = owner.world.now + max(owner.world.limits.lengths)  # It may land late.

    def attacked_it(self, record: Record, *, told: bool) -> None:
        """It is done, or certainly not. `told`: its owner has been told; if not, its next proof does that."""
        owner = self.owner(record)[0]
        if owner is None:
            return
        self._excused[owner] = owner.world.now
        if told and any(it.sentinel.listening for it in self.keepings[owner].sharing.sessions()):
            self._told.add(record.created)
            del self._excused[owner]

    def after_step(self, world: World) -> None:
        """Nobody believes in a record that is not there; no two believe at once."""
        if not self.holds:
            return
        believers = []
        for hold in tuple(self.holds):
            client, place = hold
            if client.crashed:
                self.holds.remove(hold)
            elif client.frozen:
                continue
            elif not place.held:
                if place.outcome is not None:
                    self.holds.remove(hold)
            elif world.store.there(place.key, place.created):
                believers.append(client)
            else:
                self._believed_all_the_same(world, client, place.created)
        if len(believers) > 1:
            raise Violation(f"two holders: {believers}")

    def owner(self, record: Record) -> tuple[Client | None, Place | None]:
        """Whose it is, and what they know of it."""
        incarnation = record.key[len(FOLDER) :].partition(".")[0]
        for client, keeping in self.keepings.items():
            for shared in keeping.sharing.sessions():
                if shared.incarnation == incarnation:
                    place = shared.places.get(record.key)
                    known = place is not None and place.created in (0, record.created)
                    return client, place if known else None
        return None, None

    def _loss_told(self, place: Place, reason: str) -> None:
        self.losses[place] += 1

    def _told_wrongly(self) -> dict[int, int]:
        """Tokens whose loss was not told once, or told without a loss, and how often it was."""
        crashed = {it.clock for it in self.keepings if it.crashed}
        return {
            place.created: told
            for place, told in self.losses.items()
            if told != (place.fate.lost is not None) and place.shared.keeping.clock not in crashed
        }

    def _believed_all_the_same(self, world: World, client: Client, token: int) -> None:
        since = self._unbacked.setdefault(token, world.now)
        if token not in self.attacked:
            raise Violation(f"phantom: {client} believes in token {token}, whose record is not there")
        if world.now - since > TTL / (1 - world.limits.skew) + 0.2:
            raise Violation(
                f"not told: {client} believes in token {token} {world.now - since:.0f} s after it went"
            )

    def _calm_for(self, client: Client) -> float:
        """How long ago the last mishap was of which nobody need have told the client."""
        return client.world.now - max(client.troubled_until, self._excused.get(client, -1e9))
