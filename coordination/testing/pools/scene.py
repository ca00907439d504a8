"""What the cases of pools share: machines with pools of their own, the units, and what is stored of both."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from coordination import payloads
from coordination.manager import Manager
from coordination.pool import Pool
from coordination.pooling.definitions import Definition
from coordination.pooling.keys import EDITS, MACHINES, OWNERS, keys_of
from coordination.record import Guard, Record, decode_segment
from coordination.store import GuardedWrites, Store
from coordination.testing.pools.machine import Judge, Machine
from coordination.testing.recipes.bystander import Bystander
from coordination.testing.recipes.faces import Asyncio
from coordination.testing.recipes.harness import RecipeHarness
from coordination.unit import Unit

POOL = "shards"
"""The pool that most cases are about."""

BATCH = 50
"""Units defined in one transaction; some stores take no more than 64 writes in one."""


class Scene(Bystander):
    """Machines and units of some pools."""

    def __init__(self, harness: RecipeHarness, *units: str) -> None:
        super().__init__(harness)
        self.judge = Judge()
        self.editor = self.pool(harness.manager("editor"))
        """A pool whose machine owns nothing: it only defines units."""
        self.define(*units)

    # Who takes part.

    def pool(self, manager: Manager, name: str = POOL, *, ttl: float | None = None, **options: Any) -> Pool:
        """A pool with a ttl that no pause of a busy machine reaches, unless another is given."""
        return manager.pool(name, ttl=self.ttl(ttl), **options)

    def pools(self, count: int) -> list[Pool]:
        """The same pool, on so many machines."""
        return [self.pool(self.harness.manager(f"m{number}")) for number in range(1, count + 1)]

    def machine(self, name: str, *, store: Store | None = None, ttl: float | None = None) -> Machine:
        """A machine whose every unit is judged."""
        return Machine(self.judge, name, self.pool(self.harness.manager(name, store), ttl=ttl))

    def define(self, *units: str) -> None:
        """Add these units."""
        for unit in units:
            assert self.editor.add(unit) is True

    def define_many(self, units: Sequence[str]) -> None:
        """The same for many, each with its name as payload: as the pool writes them, but many at once."""
        batches = [units[first : first + BATCH] for first in range(0, len(units), BATCH)]
        defined = {unit: Definition(payloads.encode(unit)).encode() for unit in units}
        self._edit(*({self._key(unit): defined[unit] for unit in batch} for batch in batches))

    def undefine(self, unit: str) -> None:
        """Remove it behind everybody's back: nobody asks its owner for it."""
        self._edit({self._key(unit): None})

    def _key(self, unit: str) -> str:
        return keys_of(self.harness.namespace, POOL).definition(unit)

    def _edit(self, *batches: Mapping[str, bytes | None]) -> None:
        """Write these values, a transaction each; remove where there is None."""
        store, timeout, keys = self.store, self.harness.timeout, keys_of(self.harness.namespace, POOL)
        assert isinstance(store, GuardedWrites)
        session = store.open_session(self.harness.ample, timeout=timeout)
        ours = store.create(f"{keys.edits}behind", b"", session, timeout=timeout)
        assert ours is not None
        for batch in batches:
            puts = {key: value for key, value in batch.items() if value is not None}
            deletes = [key for key, value in batch.items() if value is None]
            assert store.commit(Guard(ours.key, session.id), puts, deletes, timeout=timeout)
        store.close_session(session, timeout=timeout)

    # What is stored.

    def owners(self) -> dict[str, int]:
        """The token under which each unit is owned, by its name, as the store has it."""
        return {_name(it): it.created for it in self.stored(OWNERS, POOL)}

    def machines(self) -> list[str]:
        """The machines that share the units, as the store has them."""
        return sorted(_name(it) for it in self.stored(MACHINES, POOL))

    def owner(self, unit: str) -> Record:
        """The record that says who owns it."""
        (record,) = [it for it in self.stored(OWNERS, POOL) if _name(it) == unit]
        return record

    def only_definitions_left(self) -> None:
        """Fail unless nobody owns anything, nor takes part, nor edits, before long."""
        for kind in (OWNERS, MACHINES, EDITS):
            self.soon(lambda it=kind: not self.stored(it), f"nothing is left of {kind}")  # type: ignore[misc]

    def listening(self, managers: int) -> None:
        """Wait until so many managers hear of what others tell them; the editor is one if it has edited."""
        self.soon(lambda: len(self.harness.sessions()) >= managers, "they listen")

    # Settled.

    def settled(self, machines: Iterable[Machine], units: Iterable[str]) -> None:
        """Wait until all units are shared out among these machines; at no look did two hold one unit."""
        self.shared_out(machines, units)
        self.judge.satisfied()

    def shared_out(self, machines: Iterable[Machine], units: Iterable[str]) -> None:
        """Wait until each unit is owned once, and these machines have equally many, but for one."""
        machines, names = list(machines), sorted(units)

        def even() -> bool:
            owned = [machine.owned() for machine in machines]
            counts = [len(it) for it in owned]
            return sorted(chain.from_iterable(owned)) == names and max(counts) - min(counts) <= 1

        self.soon(even, f"{len(names)} units are spread over {len(machines)} machines")
        self.soon(lambda: sorted(self.owners()) == names, "the records say so")


class Stop:
    """An event that ends a wait, of the face under test."""

    def __init__(self, harness: RecipeHarness) -> None:
        face = harness.face
        self._loop = face.bridge.loop if isinstance(face, Asyncio) else None
        self.event: Any = asyncio.Event() if self._loop is not None else threading.Event()

    def set(self) -> None:
        """From the test's thread."""
        if self._loop is None:
            self.event.set()
        else:
            self._loop.call_soon_threadsafe(self.event.set)


def obtained(pool: Pool) -> Unit:
    """A unit, where one is known to be free."""
    unit = pool.obtain()
    assert unit is not None, "a free unit was not obtained"
    assert unit.held
    return unit


def names(units: Iterable[Any]) -> list[str]:
    """Of units, in their order."""
    return [unit.name for unit in units]


def numbered(count: int) -> list[str]:
    """So many names, in their order."""
    return [f"unit {number:03}" for number in range(count)]


def losses(unit: Unit) -> list[str]:
    """The reasons that its callback is told, so far."""
    told: list[str] = []
    unit.on_lost(lambda _unit, reason: told.append(reason))
    return told


def _name(record: Record) -> str:
    return decode_segment(record.key.rpartition("/")[2])
