"""Being present under a name: a record that is there for as long as this process wants it and lives.

After the presence of machines in fleet: at most one record for each name, refused while another live
process has it. Beyond that it comes back by itself when it was lost, and whoever finds the name taken
asks its owner, through the sentinel of its session, whether he is alive: a dead one's record is waited
out, a live one's is not fought over.
"""

from __future__ import annotations

import random
from functools import partial

from coordination.bell import Bell
from coordination.errors import (
    LeaseCorrupt,
    LeaseLost,
    StoreUnavailable,
)
from coordination.recipes.claiming import Value, claimed
from coordination.recipes.holding import RELEASING, release
from coordination.recipes.probing import PATIENCE, Probe
from coordination.recipes.returning import Returning
from coordination.recipes.rivals import taken
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.sharing import Sharing
from coordination.timing import Deadline
from coordination.waiting import LOOK_AGAIN

REST = 0.05
"""Seconds after which to try again where a record of our own is on its way out."""

SLACK = 5.0
"""Seconds over twice the ttl that a dead one's record may stay: what stores take to expire it."""


class Presence(Returning):
    """One name under which this process is present, or wants to be. For any thread or task."""

    def __init__(self, sharing: Sharing, key: str, ttl: float, value: Value) -> None:
        super().__init__(sharing.keeping, key, ttl)
        self._sharing = sharing
        self._value = value

    async def join(self, runtime: Runtime, timeout: float | None) -> None:
        """Be present from here on; `DuplicateMember` if the name is not to be had within `timeout`."""
        bound = Deadline(runtime.clock, 2 * self._ttl + SLACK if timeout is None else timeout)
        if not await self._turns.take(runtime, bound.left(2 * self._ttl + SLACK), owner := object()):
            raise StoreUnavailable("this process is still joining, or coming back; nothing was done")
        before, self._wanted = self._wanted, True
        try:
            if self.place is None:
                await self._arrive(runtime, bound)
        except BaseException:
            if not before:
                self.forsake()
            raise
        finally:
            self._turns.give_back(owner)

    async def leave(self, runtime: Runtime) -> bool:
        """Be present no more; whether this process was, or wanted to be."""
        wanted, self._wanted = self._wanted, False
        place, self._place = self._place, None
        if place is not None:
            try:
                await release(runtime, place, RELEASING)
            except LeaseLost:
                return wanted
        return wanted

    def forsake(self) -> None:
        """Be present no more, which is seen to in the background."""
        self._wanted = False
        place, self._place = self._place, None
        if place is not None:
            place.shared.abandon(place)

    # Steps.

    async def _arrive(self, runtime: Runtime, bound: Deadline) -> None:
        keeping = self._keeping
        bell, probe = Bell(runtime, keeping.store, self._key), Probe(runtime, keeping)
        try:
            while not await self._try(runtime, bound):
                timeout = bound.one_try(keeping.timeout)
                if not bell.listening:
                    await runtime.call(partial(bell.listen, timeout))
                record = await runtime.call(partial(self._read, timeout))
                if record is not None and not self._is_leaving(record):
                    if await probe.answered(record, bound.left(PATIENCE)):
                        raise taken(self._key, record)
                    if bound.passed:
                        raise taken(self._key, record, alive=False)
                    await bell.wait(bound.left(_until_look(record)))
                elif bound.passed:
                    raise StoreUnavailable(
                        "an earlier record of this process is not gone yet; nothing was done"
                    )
                else:
                    await bell.wait(bound.left(REST if record is None else 10 * REST))
        finally:
            bell.close()

    async def _try(self, runtime: Runtime, bound: Deadline) -> bool:
        """One try; False if the name is taken, or a record of ours is still on its way out."""
        place = await claimed(runtime, self._sharing, self._ttl, self._key, self._value, bound)
        if place is None:
            return False
        self._place = place
        if not self._wanted:  # It was left meanwhile.
            place.shared.abandon(place)
            return True
        place.on_asked(self._told)
        reason = place.fate.listen(self._lost)
        if reason is not None:
            self._lost(place, reason)
        elif not place.shared.sentinel.listening:
            await place.shared.sentinel.begin(runtime)  # So that whoever else wants the name hears of us.
        return True

    def _is_leaving(self, record: Record) -> bool:
        """Whether it is one of our own that nobody wants any more, and so on its way out."""
        if (former := self._place) is not None and record.created == former.created and not former.held:
            return True
        ours = [it for it in self._sharing.sessions() if it.session.id == record.session]
        places = [it.places.get(self._key) for it in ours]
        return bool(ours) and not any(place is not None and place.held for place in places)

    async def _rival_there(self, runtime: Runtime) -> Record | None:
        record = await runtime.call(partial(self._read, self._keeping.timeout))
        return None if record is None or self._is_leaving(record) else record

    def _read(self, timeout: float) -> Record | None:
        try:
            return self._keeping.store.read(self._key, timeout=timeout)
        except LeaseCorrupt:
            return None


def _until_look(record: Record) -> float:
    if record.time_left is None:
        return LOOK_AGAIN
    return min(LOOK_AGAIN, record.time_left + random.uniform(0.001, 0.02))  # noqa: S311 - jitter
