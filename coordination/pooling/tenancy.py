"""The units that one machine owns: claiming them, being asked for them, giving them up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from coordination.errors import LeaseCorrupt, LeaseLost, StoreError
from coordination.pooling.asking import ask
from coordination.pooling.definitions import Definition, Editor
from coordination.pooling.keys import Keys
from coordination.pooling.ownership import Ownership
from coordination.pooling.view import View
from coordination.recipes.claiming import claimed
from coordination.recipes.holding import RELEASING, release
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.session import Shared
from coordination.sharing.sharing import Sharing
from coordination.sharing.values import owner_value
from coordination.timing import Deadline
from coordination.waiting import LOOK_AGAIN

LATER = 1.0
"""Seconds until the next look where the store is out of reach."""


class Tenancy:
    """One machine in one pool. Threads and tasks may share it."""

    def __init__(
        self, sharing: Sharing, keys: Keys, pool: str, machine_id: str, ttl: float, view: View
    ) -> None:
        self.keeping: Keeping = sharing.keeping
        self.sharing = sharing
        self.keys = keys
        self.pool = pool
        self.machine_id = machine_id
        self.ttl = ttl
        self.view = view
        self.editor = Editor(sharing, keys, ttl, machine_id)
        self._ownerships: dict[str, Ownership] = {}

    @property
    def owned(self) -> list[Ownership]:
        """What we own now, by name."""
        ownerships = [ownership for ownership in list(self._ownerships.values()) if ownership.held]
        return sorted(ownerships, key=lambda ownership: ownership.unit)

    # Claiming.

    def request(self, bound: Deadline | None) -> float:
        """Seconds that one request may take."""
        most = self.keeping.timeout
        return most if bound is None else bound.one_try(most)

    async def take(
        self, runtime: Runtime, unit: str, definition: Definition | None, bound: Deadline | None = None
    ) -> Ownership | None:
        """One try at one unit; None if another has it. Without a definition it is read, and must be there."""
        self._forget()
        since = runtime.clock.wall()

        def value(shared: Shared) -> bytes:
            return owner_value(self.machine_id, unit, since, None, shared.incarnation)

        within = Deadline(runtime.clock, self.request(bound))
        key = self.keys.owner(unit)
        place = await claimed(runtime, self.sharing, self.ttl, key, value, within)
        if place is None:
            return None
        try:
            known = definition or await self.editor.look(runtime, unit)
        except BaseException:
            place.shared.abandon(place)
            raise
        if known is None:  # It was removed while we came.
            place.shared.abandon(place)
            return None
        ownership = self._ownerships[unit] = Ownership(unit, known, place)
        place.on_asked(partial(self._asked, ownership))
        self.keeping.note("unit-obtained", pool=self.pool, name=unit, token=place.created)
        return ownership

    # Giving up.

    async def ask_owner(self, runtime: Runtime, unit: str) -> None:
        """Ask whoever owns the unit for it."""
        store, key = self.keeping.store, self.keys.owner(unit)
        try:
            record = await runtime.call(partial(store.read, key, timeout=self.keeping.timeout))
        except LeaseCorrupt:
            return
        if record is not None:
            await ask(runtime, self.keeping, [record])

    def _asked(self, ownership: Ownership) -> None:
        """Somebody asks for it: its user lets go, or it is given up at once if he never said how."""
        if not ownership.ask():
            self.keeping.work_at(self.keeping.clock.now(), partial(self._give_up, ownership))

    async def _give_up(self, ownership: Ownership, runtime: Runtime) -> float | None:
        try:
            removed = await self.editor.look(runtime, ownership.unit) is None
        except StoreError:
            return runtime.clock.now() + LATER
        if not ownership.calls:  # Else its user has said how meanwhile, and was asked by that.
            self.surrender(ownership, "deleted" if removed else "stolen")
        return None

    def removed(self, ownership: Ownership) -> None:
        """The unit is no more."""
        if not ownership.remove():
            self.surrender(ownership, "deleted")

    def surrender(self, ownership: Ownership, reason: str) -> None:
        """Its user is told that it is lost, and then others may have it."""
        ownership.place.shared.surrender(ownership.place, reason)

    async def let_go(self, runtime: Runtime, ownerships: Sequence[Ownership], timeout: float | None) -> int:
        """Have all of them let go within `timeout`; how many had to be cut off."""
        bound, ended = Deadline(runtime.clock, timeout), runtime.signal()
        for ownership in ownerships:
            if ownership.ask():
                ownership.place.listen(ended)
        try:
            for ownership in ownerships:
                if not ownership.calls:
                    await self._released(runtime, ownership, bound.left(RELEASING))
            while not bound.passed and any(ownership.held for ownership in ownerships):
                await runtime.wait(ended, bound.left(LOOK_AGAIN))
                ended.clear()
        finally:
            left = [ownership for ownership in ownerships if ownership.held]
            for ownership in ownerships:
                ownership.place.unlisten(ended)
            for ownership in left:
                self.surrender(ownership, "closed")
        return len(left)

    async def _released(self, runtime: Runtime, ownership: Ownership, timeout: float) -> None:
        try:
            await release(runtime, ownership.place, timeout)
        except LeaseLost:
            return  # It was lost before, and told so.

    def _forget(self) -> None:
        for unit in [unit for unit, ownership in list(self._ownerships.items()) if not ownership.held]:
            self._ownerships.pop(unit, None)
