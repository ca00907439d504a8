"""Finding out whether the owner of a record is alive: he answers what is asked through his sentinel."""

from __future__ import annotations

from functools import partial

from coordination.bell import Bell
from coordination.errors import LeaseCorrupt
from coordination.recipes.telling import tell
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.notes import ASKED, decoded, entry_of
from coordination.sharing.values import INCARNATION, contender_of, sentinel_key
from coordination.timing import Deadline

PATIENCE = 2.0
"""Seconds within which a live owner answers; who is slower is found out by a later look."""


class Probe:
    """The questions of one who looks, each asked once."""

    def __init__(self, runtime: Runtime, keeping: Keeping) -> None:
        self._runtime = runtime
        self._keeping = keeping
        self._asked: set[str] = set()

    async def answered(self, record: Record, within: float) -> bool:
        """Whether the owner of this record has answered; waits `within` seconds for it when it is asked."""
        incarnation = contender_of(record.value).metadata.get(INCARNATION)
        if not incarnation or record.session is None:
            return False
        entry, patience = entry_of(record.key, record.created), Deadline(self._runtime.clock, 0.0)
        sentinel = sentinel_key(self._keeping.namespace, incarnation)
        bell = Bell(self._runtime, self._keeping.store, sentinel)
        try:
            if entry not in self._asked:
                timeout = self._keeping.timeout
                await self._runtime.call(lambda: bell.listen(timeout))
                bound = Deadline(self._runtime.clock, timeout)
                if not await tell(self._runtime, self._keeping, incarnation, [entry], ASKED, bound):
                    return False
                self._asked.add(entry)
                patience = Deadline(self._runtime.clock, within)
            while True:
                waits = await self._waits(sentinel, entry)
                if not waits or patience.passed:
                    return waits is False
                await bell.wait(patience.left(PATIENCE))
        finally:
            bell.close()

    async def _waits(self, sentinel: str, entry: str) -> bool | None:
        """Whether the question is there still; None if nobody can be asked any more."""
        try:
            step = partial(self._keeping.store.read, sentinel, timeout=self._keeping.timeout)
            record = await self._runtime.call(step)
        except LeaseCorrupt:
            return None
        return None if record is None else entry in decoded(record.value).get(ASKED, [])
