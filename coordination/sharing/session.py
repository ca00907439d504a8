"""One shared session: the ledger of its places, and its end."""

from __future__ import annotations

import contextlib
import itertools
from functools import partial
from typing import TYPE_CHECKING

from coordination.errors import StoreError
from coordination.fate import OnLost
from coordination.record import Record, Session
from coordination.sharing.beating import Beating
from coordination.sharing.believed import Believed
from coordination.sharing.leaving import REQUEST, Removal, closing, settle
from coordination.sharing.place import ENTERING, GONE, HELD, LEAVING, WAITING, Place
from coordination.sharing.sentinel import Sentinel
from coordination.sharing.values import sentinel_key

if TYPE_CHECKING:
    from coordination.sharing.sharing import Sharing
    from coordination.sharing.waiter import Waiter


class Shared(Believed):
    """A session of one manager with any number of records on it. Guarded by the sharing's mutex."""

    def __init__(self, sharing: Sharing, ttl: float, session: Session, asked_at: float) -> None:
        super().__init__(sharing.keeping, sharing.mutex, session, asked_at)
        self.sharing = sharing
        self.asking = sharing.asking
        self.ttl = ttl
        self.places: dict[str, Place] = {}
        self.doubtful: dict[str, float] = {}
        """Keys that may still appear, because a create was given up: until when to look for them."""
        self._unsettled: list[Place] = []
        self._over = False
        self._numbers = itertools.count(1)
        self._again = self.keeping.store.capabilities.remembers_keys
        self.sentinel = Sentinel(self, sentinel_key(self.keeping.namespace, self.incarnation))
        self.beating = Beating(self)

    # The ledger.

    def place(self, folder: str, waiter: Waiter | None) -> Place:
        """A new place in a queue; it is known before anything is written."""
        with self.mutex:
            place = Place(self, self._free(f"{folder}{self.incarnation}."), waiter)
            self.places[place.key] = place
        return place

    def place_at(self, key: str) -> Place | None:
        """A new place at a key of its own; None while another of ours is there, or on its way out."""
        with self.mutex:
            if key in self.places:
                return None
            place = self.places[key] = Place(self, key, None)
        return place

    def _free(self, start: str) -> str:
        """A key that no record of ours has or may get; the lowest one, where the store remembers keys."""
        numbers = itertools.count(1) if self._again else self._numbers
        return next(
            key
            for key in (f"{start}{number}" for number in numbers)
            if key not in self.places and key not in self.doubtful
        )

    def entered(self, place: Place, record: Record) -> None:
        """Its record is written."""
        with self.mutex:
            place.created, place.index = record.created, record.index
            if self.dead is not None:
                self.drop(place)
            elif place.unwanted:
                self._remove(place)
            else:
                place.state = WAITING

    def grant(self, place: Place) -> bool:
        """It is its turn: held, unless the session or the place died meanwhile."""
        with self.mutex:
            if place.state != WAITING or place.unwanted or self.look() is not None:
                return False
            place.state = HELD
            place.waiter = None
            return True

    def abandon(self, place: Place) -> None:
        """Nobody wants it any more: removed in the background, also if it is being written just now."""
        with self.mutex:
            place.unwanted = True
            if place.state in (WAITING, HELD):
                place.fate.end()
                self._remove(place)
            elif place.state not in (ENTERING, LEAVING):
                self.drop(place)

    def doubt(self, place: Place) -> None:
        """Nobody knows whether its record was written, or will be: look for it, now and for a while."""
        with self.mutex:
            place.unwanted = True
            self.doubtful[place.key] = self.keeping.clock.now() + 2 * self.session.ttl + self.keeping.timeout
            self._remove(place)

    def begin_release(self, place: Place) -> None:
        """No proof need find it any more: it is being given back."""
        with self.mutex:
            if place.state in (WAITING, HELD):
                place.state = LEAVING

    def finish(self, place: Place) -> None:
        """Its release has begun and could not be finished in time: go on in the background."""
        with self.mutex:
            place.unwanted = True
            if place.state != GONE:
                self._remove(place)

    def drop(self, place: Place) -> None:
        """Its record is not there, unless the session was lost: whoever waits for that looks for himself."""
        with self.mutex:
            if place.state == GONE:
                return
            place.state = GONE
            if self.places.get(place.key) is place:
                del self.places[place.key]
        self.sharing.departed(place.key, certainly=self.dead is None)

    def lose_place(self, place: Place, reason: str) -> None:
        """Its record is gone, and not by us. Who held it is told; who waited has to begin anew."""
        with self.mutex:
            held = place.state in (HELD, LEAVING)
            self.drop(place)
            callbacks = place.fate.lose(reason) if held else None
            self.sharing.displaced(place)
        self._tell(place, callbacks, reason)

    def surrender(self, place: Place, reason: str) -> None:
        """Give it up although its holder has not: he is told that it is lost, then it is removed."""
        with self.mutex:
            if place.state != HELD:
                return
            place.unwanted = True
            callbacks = place.fate.lose(reason)
            self._remove(place)
        self._tell(place, callbacks, reason)

    def _tell(self, place: Place, callbacks: list[OnLost] | None, reason: str) -> None:
        for callback in callbacks or ():
            self.keeping.tell(partial(callback, place, reason))
        if callbacks is not None and reason != "closed":  # That is our own doing.
            self.keeping.warn("hold-lost", key=place.key, token=place.created, reason=reason)
        place.over()
        place.wake()

    def _remove(self, place: Place) -> None:
        place.state = LEAVING
        if self.dead is None:
            self.keeping.clean_at(self.keeping.clock.now(), Removal(self, place).run)
        elif self._over:
            settle(self, place)
        elif place not in self._unsettled:
            self._unsettled.append(place)

    # The end.

    def die(self) -> None:
        """The store says that the session is dead, and so that nothing is left of it."""
        self.lose("revoked" if self.keeping.clock.now() < self.believed_until else "expired")
        self.ended()

    def ended(self) -> None:
        """Nothing is left in the store: releases that were under way are done."""
        with self.mutex:
            unsettled, self._unsettled, self._over = self._unsettled, [], True
        for place in unsettled:
            settle(self, place)

    def lose(self, reason: str) -> None:
        """It is lost, once, and with it everything on it; what may be left of it is ended."""
        with self.mutex:
            if self.dead is not None:
                return
            self.dead = reason
            places = [place for place in self.places.values() if place.state != ENTERING]
            # Whoever is entering learns it when the answer comes.
            self._unsettled = [place for place in places if place.state == LEAVING]
            for place in places:  # All at once: then those who waited begin anew in their old order.
                if place.state != LEAVING:
                    self.lose_place(place, reason)
        self.sentinel.stop()
        self.keeping.unguard(self)
        if reason != "closed":
            self.keeping.clean_at(self.keeping.clock.now(), partial(closing, self))

    def discard(self) -> None:
        """It was opened, and nobody may use it."""
        self.lose("closed")
        with contextlib.suppress(StoreError):
            self.keeping.store.close_session(self.session, timeout=REQUEST)
