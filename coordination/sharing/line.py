"""The waiters of one name in one manager, in the order in which the store has them.

Each has a place of its own in the store's queue; only the first of them asks the store now and then
and watches. Whoever waits for one of our own places is told by us. Who lost its place with a dead
session enters again before those who were behind it.
"""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

from coordination.sharing.place import Place
from coordination.sharing.turns import Turns
from coordination.sharing.waiter import Recently, Waiter

if TYPE_CHECKING:
    from coordination.sharing.lines import Lines


class Line:
    """Guarded by the mutex of its sharing."""

    def __init__(self, sharing: Lines, folder: str) -> None:
        self.folder = folder
        self.lookout = sharing.lookout(folder, self.gone)
        self.entering = Turns()
        self._sharing = sharing
        self._mutex = sharing.mutex
        self._here: dict[Waiter, None] = {}  # In their order: a set has none.
        self._placed: list[Waiter] = []
        self._lost: list[Waiter] = []
        self._by_ahead: dict[str, list[Waiter]] = {}
        self.quiet_until = 0.0
        self.closing = False
        self._recently = Recently()

    @property
    def empty(self) -> bool:
        """Whether nobody waits."""
        return not self._here

    def join(self, waiter: Waiter) -> None:
        """It waits here, until it quits."""
        with self._mutex:
            self._here[waiter] = None

    def may_enter(self, waiter: Waiter) -> bool:
        """Whether nobody who lost its place before has to enter first."""
        with self._mutex:
            return not self._lost or self._lost[0] is waiter

    def placed(self, waiter: Waiter, place: Place, *, look: bool) -> None:
        """It has a place in the store's queue. `look`: as soon as it waits, at who is ahead."""
        with self._mutex:
            front = self._front()
            waiter.created, waiter.look = place.created, look
            if waiter in self._lost:
                self._lost.remove(waiter)
                self._let_in()
            bisect.insort(self._placed, waiter, key=_created)
            self._changed(front)

    def displaced(self, waiter: Waiter) -> None:
        """Its place is gone: it enters again, before whoever had a later one. No harm if that is known."""
        with self._mutex:
            if waiter in self._lost or waiter not in self._here:
                return
            front = self._front()
            self._unplace(waiter)
            bisect.insort(self._lost, waiter, key=_created)
            self._changed(front)

    def quit(self, waiter: Waiter) -> None:
        """It waits no more."""
        with self._mutex:
            if waiter not in self._here:
                return
            front = self._front()
            self.entering.give_back(waiter)
            del self._here[waiter]
            self._unplace(waiter)
            if waiter in self._lost:
                self._lost.remove(waiter)
                self._let_in()
            self._changed(front)
            if not self._here:
                self._sharing.quiet(self)

    def is_first(self, waiter: Waiter) -> bool:
        """Whether it is the first of ours, who looks and watches for the others."""
        with self._mutex:
            return self._front() is waiter

    def awaits(self, waiter: Waiter, ahead: str) -> bool:
        """It waits for this one to go; False if that is known to have happened already."""
        with self._mutex:
            if waiter.waits_for != ahead:
                self._forget_ahead(waiter)
                waiter.waits_for = ahead
                self._by_ahead.setdefault(ahead, []).append(waiter)
            return not self._recently.since(ahead, waiter.asked)

    def gone(self, key: str, *, certainly: bool = True) -> None:
        """The store, or a place of ours, says that this key is gone; the folder itself means any.

        On the store's thread, which may hold a mutex of its own that ending a watch takes: so this one
        does not take ours.
        """
        if certainly:
            self._recently.add(key)
        for waiter in tuple(self._placed if key == self.folder else self._by_ahead.get(key, ())):
            waiter.wake(look=True)

    def asking(self, waiter: Waiter) -> None:
        """It asks the store now: what was told before counts no more, what is told from now on does."""
        waiter.asked = self._recently.count

    def wake_all(self) -> None:
        """Something happened that concerns them all."""
        with self._mutex:
            for waiter in list(self._here):
                waiter.wake(look=False)

    def _front(self) -> Waiter | None:
        return self._placed[0] if self._placed else None

    def _changed(self, before: Waiter | None) -> None:
        front = self._front()
        if front is not None and front is not before:
            front.wake(look=False)

    def _let_in(self) -> None:
        """Somebody who lost its place is through: the next one of those, or if there is none all others."""
        for waiter in self._lost[:1] or [it for it in self._here if it not in self._placed]:
            waiter.wake(look=False)

    def _unplace(self, waiter: Waiter) -> None:
        if waiter in self._placed:
            self._placed.remove(waiter)
        self._forget_ahead(waiter)

    def _forget_ahead(self, waiter: Waiter) -> None:
        waiters = self._by_ahead.get(waiter.waits_for, [])
        if waiter in waiters:
            waiters.remove(waiter)
            if not waiters:
                del self._by_ahead[waiter.waits_for]
        waiter.waits_for = ""


def _created(waiter: Waiter) -> int:
    return waiter.created
