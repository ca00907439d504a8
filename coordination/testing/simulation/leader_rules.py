"""What must never be seen of a leadership: two who may act, an older one after a newer one, nobody at all.

Work under a term may go on until it hears that it should stop and has done so, but not beyond what its
leader believed at last: so long a newer version has to keep from acting.
"""

from __future__ import annotations

from coordination.recipes.leading.candidate import SUCCESSOR
from coordination.recipes.leading.tenure import Tenure
from coordination.record import Record
from coordination.testing.simulation.client import Client
from coordination.testing.simulation.leaving_rules import LeavingRules
from coordination.testing.simulation.scenario import Violation
from coordination.testing.simulation.world import World
from coordination.value import decode

KEY, GATE = "/leaders/name", "/data/versions/name"

UNLED = 60.0
"""True seconds after the last mishap within which somebody who wants to leads: more than the longest of
waits, that for an older version of which a newer one was taking over."""


class Acting:
    """Somebody's work under one term."""

    def __init__(self, client: Client, tenure: Tenure) -> None:
        self.client = client
        self.tenure = tenure
        self.over = False

    @property
    def may_act(self) -> bool:
        """Whether something of it may happen just now."""
        client = self.client
        if self.over or client.frozen or client.crashed:
            return False
        return client.clock.now() < self.tenure.grant.believed_until

    def __repr__(self) -> str:
        return f"{self.client} (version {self.tenure.version}, token {self.tenure.token})"


class LeaderRules(LeavingRules):
    """Looks at all work after each step, and at who waits whenever all is quiet."""

    def __init__(self) -> None:
        super().__init__()
        self.works: list[Acting] = []
        self.waiting: dict[object, Client] = {}
        """Campaigns without an end of their own, of candidates who may lead."""
        self._told = True
        """Whether the store tells of everything that becomes free, so that nobody waits for it in vain."""
        self._token = 0
        self._acted = (0, 0)
        self._record: Record | None = None
        self._index = 0
        self._quiet_since: float | None = None

    def begins(self, client: Client, tenure: Tenure) -> Acting:
        """A term was handed out; what is done under it must be told to `acts`."""
        world, token, version = client.world, tenure.token, tenure.version
        work = Acting(client, tenure)
        world.tell(f"{work!r} LEADS, {'held' if tenure.held else tenure.lost}")
        if tenure.held:
            gate = self._gate(world)
            if gate < version:
                raise Violation(f"gate not raised: {work!r} leads, and the gate is at {gate}")
            if gate > version:
                raise Violation(f"outvoted: {work!r} leads, and the gate is at {gate}")
            if token <= self._token:
                raise Violation(f"tokens do not rise: {work!r} leads after token {self._token}")
            self._token = token
        self.works.append(work)
        return work

    def acts(self, work: Acting) -> None:
        """Its work does something, at a resource that remembers who did something before."""
        tenure = work.tenure
        if not tenure.held:
            return
        version, token = self._acted
        if tenure.version < version:
            raise Violation(f"older after newer: {work!r} acts after version {version}")
        if tenure.token < token:
            raise Violation(f"stale: {work!r} acts after token {token}")
        self._acted = (tenure.version, tenure.token)

    def ended(self, work: Acting) -> None:
        """Its work has stopped."""
        work.over = True
        self.works.remove(work)
        work.client.world.tell(f"{work!r} has stopped, {work.tenure.lost or 'held'}")

    def begin(self, world: World) -> None:
        """Override it, and call it."""
        self._told = world.store.capabilities.notices_expiry

    def after_step(self, world: World) -> None:
        """No two may act; a record that was handed over goes to nobody else."""
        if len(self.works) > 1:
            acting = [work for work in self.works if work.may_act]
            if len(acting) > 1:
                raise Violation(f"two leaders: {acting}")
        if world.store.index != self._index:
            self._index = world.store.index
            self._moved(world.store.found(KEY))

    def _moved(self, record: Record | None) -> None:
        before, self._record = self._record, record
        if before is None or record is None or record.session == before.session:
            return
        heir = decode(before.value).metadata.get(SUCCESSOR)
        taker = decode(record.value).machine_id
        if record.created == before.created and heir is not None and taker != heir:
            raise Violation(f"taken by another: {taker} has what was handed to {heir}")

    def at_rest(self, world: World) -> None:
        """Somebody leads, or is about to."""
        if any(work.may_act for work in self.works):
            self._quiet_since = None
            return
        if self._quiet_since is None:
            self._quiet_since = world.now
        disturbed = max(it.troubled_until for it in world.clients)
        calm = world.now - max(disturbed, self._quiet_since)
        free = self._told and world.store.found(KEY) is None
        for client in self.waiting.values():
            if client.crashed or client.frozen:
                continue
            if calm > UNLED:
                raise Violation(f"nobody leads: {client} has been waiting for {calm:.0f} s")
            if free and client.troubled_until < 0:
                raise Violation(f"lost wake-up: {client} waits for what is free")

    def _gate(self, world: World) -> int:
        record = world.store.found(GATE)
        return 0 if record is None else int(record.value)
