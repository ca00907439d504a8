"""The units that one machine owns: claiming them, being asked for them, giving them up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from coordination.errors import LeaseCorrupt, LeaseLost, StoreError
from coordination.pooling.asking import ask
from coordination.pooling.definitions import Definition, Editor
from coordination.pooling.keys import Keys
from coordination.pooling.tenure import Tenure
from coordination.pooling.view import View
from coordination.recipes.claiming import claimed
from coordination.recipes.holding import RELEASING, release
from coordination.recipes.trying import ONE_TRY
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
        self._tenures: dict[str, Tenure] = {}

    @property
    def owned(self) -> list[Tenure]:
        """What we own now, by name."""
        tenures = [tenure for tenure in list(self._tenures.values()) if tenure.held]
        return sorted(tenures, key=lambda tenure: tenure.unit)

    # Claiming.

    def request(self, bound: Deadline | None) -> float:
        """Seconds that one request may take."""
        most = self.keeping.timeout
        return most if bound is None else min(most, max(ONE_TRY, bound.left(most)))

    async def take(
        self, runtime: Runtime, unit: str, definition: Definition | None, bound: Deadline | None = None
    ) -> Tenure | None:
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
        tenure = self._tenures[unit] = Tenure(unit, known, place)
        place.on_asked(partial(self._asked, tenure))
        self.keeping.note("unit-obtained", pool=self.pool, name=unit, token=place.created)
        return tenure

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

    def _asked(self, tenure: Tenure) -> None:
        """Somebody asks for it: its user lets go, or it is given up at once if he never said how."""
        if not tenure.ask():
            self.keeping.work_at(self.keeping.clock.now(), partial(self._give_up, tenure))

    async def _give_up(self, tenure: Tenure, runtime: Runtime) -> float | None:
        try:
            removed = await self.editor.look(runtime, tenure.unit) is None
        except StoreError:
            return runtime.clock.now() + LATER
        if not tenure.calls:  # Else its user has said how meanwhile, and was asked by that.
            self.surrender(tenure, "deleted" if removed else "stolen")
        return None

    def removed(self, tenure: Tenure) -> None:
        """The unit is no more."""
        if not tenure.ask():
            self.surrender(tenure, "deleted")

    def surrender(self, tenure: Tenure, reason: str) -> None:
        """Its user is told that it is lost, and then others may have it."""
        tenure.place.shared.surrender(tenure.place, reason)

    async def let_go(self, runtime: Runtime, tenures: Sequence[Tenure], timeout: float | None) -> int:
        """Have all of them let go within `timeout`; how many had to be cut off."""
        bound, ended = Deadline(runtime.clock, timeout), runtime.signal()
        for tenure in tenures:
            if tenure.ask():
                tenure.place.listen(ended)
        try:
            for tenure in tenures:
                if not tenure.calls:
                    await self._released(runtime, tenure, bound.left(RELEASING))
            while not bound.passed and any(tenure.held for tenure in tenures):
                await runtime.wait(ended, bound.left(LOOK_AGAIN))
                ended.clear()
        finally:
            left = [tenure for tenure in tenures if tenure.held]
            for tenure in tenures:
                tenure.place.unlisten(ended)
            for tenure in left:
                self.surrender(tenure, "closed")
        return len(left)

    async def _released(self, runtime: Runtime, tenure: Tenure, timeout: float) -> None:
        try:
            await release(runtime, tenure.place, timeout)
        except LeaseLost:
            return  # It was lost before, and told so.

    def _forget(self) -> None:
        for unit in [unit for unit, tenure in list(self._tenures.items()) if not tenure.held]:
            self._tenures.pop(unit, None)
