"""How the lease of a leadership ends: whoever works under it is told at once, and nobody acts too early."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from coordination.ending import Releasing
from coordination.errors import CoordinationError, LeaseLost
from coordination.lease import Lease

if TYPE_CHECKING:
    from coordination.grant import Grant
    from coordination.keeper import Keeper
    from coordination.recipes.leading.working import Working


class Ended(Lease):
    """A lease that tells of its end at once.

    `acts_at`: the point on the clock before which it must not be given to anybody, because the victim
    it was taken from may still act.
    """

    def __init__(self, keeper: Keeper, name: str, grant: Grant, secret: str, acts_at: float | None) -> None:
        super().__init__(keeper, name, grant.value, grant, secret)
        self.keeper = keeper
        self.acts_at = acts_at
        self.released_at: float | None = None
        self.working: Working | None = None
        self._bequeathed = False
        self._engaged = threading.Lock()
        self._listeners: list[Callable[[], object]] = []

    def engage(self) -> bool:
        """Take it for work of one's own; False if somebody has."""
        return self._engaged.acquire(blocking=False)

    def listen(self, told: Callable[[], object]) -> None:
        """Call `told` once it is lost or over, perhaps twice; on any thread, so it must not block or raise.

        Not by the notifier, whose threads may be busy with other callbacks: work has to stop now.
        """
        self._listeners.append(told)
        if self.outcome is not None:
            told()

    def unlisten(self, told: Callable[[], object]) -> None:
        """It need not be called any more."""
        if told in self._listeners:
            self._listeners.remove(told)

    @property
    def outcome(self) -> str | None:
        """`released`, or the reason of the loss; None while neither is settled."""
        return self.lost or (None if self.released_at is None else "released")

    def lose(self, reason: str) -> None:
        """It is lost, once; while it is handed over, nothing is known by that."""
        if not self._bequeathed:
            super().lose(reason)
            self._tell_all()

    def left(self, timeout: float) -> None:
        """Finish what `leave` began."""
        try:
            super().left(timeout)
        finally:
            if self.lost is None:
                self.over()

    def finish_later(self) -> None:
        """Have it finished in the background."""
        super().finish_later()
        self.over()

    def bequeath(self) -> bool:
        """Begin to hand it over: not held from here on, and whoever takes it may be the one who shall."""
        self._bequeathed = True
        try:
            return self.leave()
        except LeaseLost:
            self._bequeathed = False
            raise

    def bequeathed(self, lost: str | None) -> None:
        """It was handed over, or released after all; or it had been lost before, for this reason."""
        self._bequeathed = False
        if lost is not None:
            self.lose(lost)
        else:
            self._fate.release()
            self.over()

    def over(self) -> None:
        """It was released, or what is left of that goes on in the background."""
        if self.released_at is None:
            self.released_at = self._keeper.clock.wall()
            self._tell_all()

    def _tell_all(self) -> None:
        for told in list(self._listeners):
            told()

    def release_within(self, timeout: float) -> bool:
        """For the manager's end: lost, for whoever works under it, and released unless somebody does.

        While the work goes on the record is left to its period.
        """
        if not self._keeper.closing:
            return super().release_within(timeout)
        self.lose("closed")
        if self.working is None:
            self._keeper.registry.release(self._grant, timeout)
        return True

    def retire(self) -> None:
        """Nobody wants it: released in the background, but not before a victim's time is over."""
        try:
            if not self.leave():
                return
        except CoordinationError:
            return  # It is lost.
        now = self._keeper.clock.now()
        due = now if self.acts_at is None else max(now, self.acts_at)
        self._keeper.janitor.at(due, Releasing(self._keeper, self).run)
        self._fate.release()
        self.over()
