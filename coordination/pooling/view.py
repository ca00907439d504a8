"""What a machine sees of a pool: who is there, who has what, and what the units are.

Definitions are read anew only when somebody may have edited them, and what was read once is not parsed
again. Machines are watched, and definitions; of owners only who leaves, where the store can tell that
alone: a thousand claims are nobody's business but the claimers'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from coordination.contention import Departures
from coordination.pooling.definitions import Definition, decoded
from coordination.pooling.keys import Keys, name_in
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.values import machine_of
from coordination.store import Records, Subscription

Definitions = dict[str, tuple[int, str, Definition]]
Owned = dict[str, tuple[int, str, str]]
"""What was read, by key: the index, the unit, and what it is or who has it."""

FOLDERS = 3
"""What is watched: machines, owners, definitions."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A pool as of one look. `records`: the owners' records, by unit; `owners`: their machines.

    `left`: seconds after which the first of all records expires unless it is renewed, where known.
    """

    units: dict[str, Definition]
    records: dict[str, Record]
    owners: dict[str, str]
    machines: frozenset[str]
    left: float | None

    @property
    def free(self) -> list[str]:
        """The units that nobody has, by name."""
        return [unit for unit in self.units if unit not in self.records]


class View:
    """Looks, and is told when to look again. For one pool of one manager.

    `trusted`: seconds after which definitions are read anew though nothing told so.
    """

    def __init__(self, keeping: Keeping, keys: Keys, trusted: float) -> None:
        self._keeping = keeping
        self._keys = keys
        self._defined: Definitions = {}
        self._owned: Owned = {}
        self._subscriptions: list[Subscription] = []
        self._changed: Callable[[], object] | None = None
        self.stale = True
        """Whether somebody may have changed anything since the last look."""
        self._edited = True
        self._defined_at = 0.0
        self._trusted = trusted

    @property
    def watching(self) -> bool:
        """Whether changes are told."""
        return len(self._subscriptions) == FOLDERS

    async def look(self, runtime: Runtime) -> Seen:
        """The pool as it is now, for rounds, one at a time: what was read is remembered.

        Owners are as of one moment, machines and definitions as of others just before it.
        """
        watching, now, timeout = self.watching, runtime.clock.now(), self._keeping.timeout
        edited = self._edited or not watching or now >= self._defined_at + self._trusted
        self.stale = not watching
        try:
            if edited:
                self._edited, self._defined_at = False, now
                self._defined = await self._definitions(runtime, timeout)
            self._owned, seen = await self._everything(runtime, self._defined, timeout)
            return seen
        except BaseException:
            self.stale, self._edited = True, self._edited or edited
            raise

    async def glance(self, runtime: Runtime, timeout: float) -> Seen:
        """The same for anybody at any time: what rounds know stays as it is. `timeout`: of each request."""
        _, seen = await self._everything(runtime, await self._definitions(runtime, timeout), timeout)
        return seen

    async def watch(self, runtime: Runtime, changed: Callable[[], object]) -> None:
        """Have `changed` called, on the store's thread, whenever something may have changed."""
        if self.watching:
            return
        self.close()
        self._changed, mine = changed, self._subscriptions
        for subscribe in (self._watch_machines, self._watch_owners, self._watch_definitions):
            await runtime.call(partial(self._subscribe, mine, subscribe))

    def close(self) -> None:
        """Be told no more."""
        self._changed, subscriptions, self._subscriptions = None, self._subscriptions, []
        for subscription in subscriptions:
            subscription.close()

    def _subscribe(self, mine: list[Subscription], subscribe: Callable[[float], Subscription]) -> None:
        mine.append(subscribe(self._keeping.timeout))
        self.stale = self._edited = True
        if self._subscriptions is not mine:  # Whoever asked for it is gone, or asks anew.
            for subscription in mine:
                subscription.close()

    def _watch_machines(self, timeout: float) -> Subscription:
        return self._keeping.store.watch(self._keys.machines, 0, self._moved, timeout=timeout)

    def _watch_owners(self, timeout: float) -> Subscription:
        store = self._keeping.store
        if isinstance(store, Departures):
            return store.departures(self._keys.owners, self._moved, timeout=timeout)
        return store.watch(self._keys.owners, 0, self._moved, timeout=timeout)

    def _watch_definitions(self, timeout: float) -> Subscription:
        return self._keeping.store.watch(self._keys.definitions, 0, self._redefined, timeout=timeout)

    def redefine(self) -> None:
        """Read all definitions anew at the next look."""
        self._edited = True

    def _redefined(self, key: str, index: int) -> None:
        self._edited = True
        self._moved(key)

    def _moved(self, key: str, index: int = 0) -> None:
        """On the store's thread, perhaps for thousands at once: whoever was told need not be told again."""
        changed = self._changed
        if not self.stale and changed is not None:
            self.stale = True
            changed()

    async def _listed(self, runtime: Runtime, folder: str, timeout: float) -> Records:
        step = partial(self._keeping.store.list, folder, timeout=timeout)
        return await runtime.call(step)

    async def _definitions(self, runtime: Runtime, timeout: float) -> Definitions:
        known, folder, now = self._defined, self._keys.definitions, {}
        for record in await self._listed(runtime, folder, timeout):
            before = known.get(record.key)
            if before is not None and before[0] == record.index:
                now[record.key] = before
            elif (unit := name_in(folder, record.key)) is not None:
                now[record.key] = record.index, unit, decoded(record.value)
        return now

    async def _everything(self, runtime: Runtime, defined: Definitions, timeout: float) -> tuple[Owned, Seen]:
        machines = [
            it for it in await self._listed(runtime, self._keys.machines, timeout) if it.session is not None
        ]
        owners = [
            it for it in await self._listed(runtime, self._keys.owners, timeout) if it.session is not None
        ]
        known, now, records = self._owned, {}, {}
        for record in owners:
            before = known.get(record.key)
            if before is None or before[0] != record.index:
                unit = name_in(self._keys.owners, record.key)
                if unit is None:
                    continue
                before = record.index, unit, machine_of(record.value)
            now[record.key] = before
            records[before[1]] = record
        there = (name_in(self._keys.machines, it.key) for it in machines)
        left = min((it.time_left for it in (*machines, *owners) if it.time_left is not None), default=None)
        units = dict(sorted((unit, definition) for _, unit, definition in defined.values()))
        whose = {unit: machine for _, unit, machine in now.values()}
        return now, Seen(units, records, whose, frozenset(it for it in there if it is not None), left)
