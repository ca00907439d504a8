"""Coming back: what is lost although it is wanted is there again as soon as its name is to be had."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from coordination.errors import CoordinationError
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.keeping import Keeping
from coordination.sharing.place import Place
from coordination.sharing.turns import Turns
from coordination.timing import Deadline
from coordination.waiting import LOOK_AGAIN


class Returning(ABC):
    """A record of ours that is wanted, whether it is there or not."""

    def __init__(self, keeping: Keeping, key: str, ttl: float) -> None:
        self._keeping = keeping
        self._key = key
        self._ttl = ttl
        self._turns = Turns()
        self._place: Place | None = None
        self._wanted = False
        self._rival = 0
        self.on_duplicate: list[Callable[[], object]] = []

    @property
    def place(self) -> Place | None:
        """The record, while it is believed to be there."""
        place = self._place
        return place if place is not None and place.held else None

    @property
    def wanted(self) -> bool:
        """Whether this process is to be present, or to come back."""
        return self._wanted

    def come(self) -> None:
        """Be present as soon as the name is to be had."""
        self._wanted = True
        self._keeping.work_at(self._keeping.clock.now(), self._return)

    @abstractmethod
    async def _try(self, runtime: Runtime, bound: Deadline) -> bool:
        """One try; False if the name is taken, or a record of ours is still on its way out."""

    @abstractmethod
    async def _rival_there(self, runtime: Runtime) -> Record | None:
        """Whose record is there instead, if it is not one of our own."""

    def _lost(self, place: Place, reason: str) -> None:
        if self._wanted and reason not in ("closed", "forked"):
            self._keeping.work_at(self._keeping.clock.now(), self._return)

    async def _return(self, runtime: Runtime) -> float | None:
        """Try to be present again; when to try again."""
        if not self._wanted or self._keeping.closed or self.place is not None:
            return None
        now = runtime.clock.now()
        if not self._turns.try_take(owner := object()):
            return now + self._ttl / 12
        try:
            return None if await self._returned(runtime) else now + min(LOOK_AGAIN, self._ttl / 4)
        except CoordinationError:
            return now + min(1.0, self._ttl / 12)
        finally:
            self._turns.give_back(owner)

    async def _returned(self, runtime: Runtime) -> bool:
        bound = Deadline(runtime.clock, self._keeping.timeout)
        if await self._try(runtime, bound):
            return True
        record = await self._rival_there(runtime)
        if record is not None and record.created != self._rival:
            self._rival = record.created  # Told once of each.
            self._told()
        return False

    def _told(self) -> None:
        """Somebody else wants the name that we have, or has the one that we want."""
        self._keeping.warn("duplicate-machine-id", key=self._key)
        for call in tuple(self.on_duplicate):
            self._keeping.tell(call)
