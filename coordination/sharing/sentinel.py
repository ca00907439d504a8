"""The record of a session by which others tell it something: that they broke a lock, or ask for one.

One watch for each session instead of one for each lock. Whoever breaks or asks adds the key of the
contender to the note, by compare-and-swap, so nothing is lost; its owner looks, acts, and empties it.
It hangs on the session itself, so its disappearance tells that the session may be gone.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

from coordination.errors import LeaseCorrupt, SessionLost, StoreError
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.notes import ASKED, BROKEN, decoded, encoded, entry_of
from coordination.sharing.place import HELD, WAITING, Place
from coordination.sharing.turns import Turns
from coordination.store import Subscription

if TYPE_CHECKING:
    from coordination.sharing.session import Shared

TELLING = 0.4
AGAIN = 1.0
"""Seconds for a request that a caller waits for, and until the next try after a failure."""


class Sentinel:
    """Of one shared session, on the side of its owner."""

    def __init__(self, shared: Shared, key: str) -> None:
        self._shared = shared
        self.key = key
        self._record: Record | None = None
        self._subscription: Subscription | None = None
        self._broken: set[str] = set()
        self._looking = False
        self._stopped = False
        self._turns = Turns()

    @property
    def _patience(self) -> float:
        """As a beat's: other sessions' renewals may have to wait for it."""
        return self._shared.keeping.patience(self._shared.session.ttl)

    @property
    def expected(self) -> dict[str, int]:
        """What a proof should find of it."""
        record = self._record
        return {} if record is None else {record.key: record.created}

    @property
    def listening(self) -> bool:
        """Whether what others tell is heard."""
        return self._subscription is not None

    def reason(self, place: Place) -> str:
        """Why the record of a place is gone, as far as we were told."""
        return "broken" if entry_of(place.key, place.created) in self._broken else "deleted"

    async def learn(self, runtime: Runtime) -> None:
        """Read the note before a `reason` is given: whoever breaks has written there before it deleted."""
        store = self._shared.keeping.store
        try:
            record = await runtime.call(partial(store.read, self.key, timeout=TELLING))
        except (StoreError, LeaseCorrupt):
            return
        if record is not None:
            self._broken.update(decoded(record.value).get(BROKEN, []))

    async def begin(self, runtime: Runtime) -> float | None:
        """Write the record, and watch it; a job that comes again until both are done."""
        if not await self._turns.take(runtime, self._patience, owner := object()):
            return runtime.clock.now() + AGAIN
        try:
            if self._record is None:
                await runtime.call(self._create)
            if self._subscription is None and not self._stopped:
                await runtime.call(self._subscribe)
        except SessionLost:
            self._shared.die()
        except StoreError:
            return None if self._stopped else runtime.clock.now() + AGAIN
        finally:
            self._turns.give_back(owner)
        return None

    def stop(self) -> None:
        """Listen no more."""
        self._stopped = True
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()

    async def check(self, runtime: Runtime, gone: Collection[str]) -> None:
        """A proof came back: write the record anew if a stranger removed it."""
        if self.key in gone:
            self._record = None
            await self.begin(runtime)

    def _create(self) -> None:
        shared = self._shared
        store, value = shared.keeping.store, encoded({})
        record = store.create(self.key, value, shared.session, timeout=self._patience)
        if record is None:  # An earlier try of ours has done it, and its answer was lost.
            record = store.read(self.key, timeout=self._patience)
        self._record = record

    def _subscribe(self) -> None:
        after = 0 if self._record is None else self._record.index
        subscription = self._shared.keeping.store.watch(self.key, after, self._moved, timeout=self._patience)
        self._subscription = subscription
        if self._stopped:
            self.stop()

    def _moved(self, key: str, index: int) -> None:
        """On the store's thread: have somebody look, unless it was our own write."""
        record = self._record
        if self._stopped or self._looking or (record is not None and index == record.index):
            return
        self._looking = True
        self._shared.keeping.clean_at(self._shared.keeping.clock.now(), self._look)

    async def _look(self, runtime: Runtime) -> float | None:
        """Read the note and act on it."""
        self._looking = False
        if self._stopped:
            return None
        shared = self._shared
        store = shared.keeping.store
        try:
            record = await runtime.call(lambda: store.read(self.key, timeout=self._patience))
            if record is None:
                # Perhaps the session has ended, perhaps only the record.
                shared.keeping.beat_at(runtime.clock.now(), shared.beating.once)
                return None
            note = decoded(record.value)
            await self._broke(runtime, note.get(BROKEN, []))
            self._asked(note.get(ASKED, []))
            if note:
                await self._empty(runtime, record)
        except SessionLost:
            shared.die()
        except LeaseCorrupt:
            return None  # A stranger wrote over it: what it said is found by the next proof.
        except StoreError:
            self._looking = True
            return runtime.clock.now() + AGAIN / 4
        return None

    async def _broke(self, runtime: Runtime, entries: list[str]) -> None:
        """The note comes before the deletion and once more after it: what is still there is remembered."""
        shared = self._shared
        store = shared.keeping.store
        self._broken.update(entries)
        for entry in entries:
            key, place = self._meant(entry)
            if place is None:
                continue
            record = await runtime.call(partial(store.read, key, timeout=self._patience))
            if record is None or record.created != place.created:
                shared.lose_place(place, "broken")
        for entry in tuple(self._broken):
            if self._meant(entry)[1] is None:
                self._broken.discard(entry)

    def _asked(self, keys: list[str]) -> None:
        for entry in keys:
            _key, place = self._meant(entry)
            if place is not None and place.state in (WAITING, HELD):  # Whose turn it is may not know it yet.
                place.asked()

    def _meant(self, entry: str) -> tuple[str, Place | None]:
        """A key may be used again, so an entry names the creation as well."""
        key = entry.partition(" ")[0]
        place = self._shared.places.get(key)
        return key, place if place is not None and entry == entry_of(key, place.created) else None

    async def _empty(self, runtime: Runtime, record: Record) -> None:
        """So that the next one is short; who came in between is found at the next look."""
        shared = self._shared
        store = shared.keeping.store
        value = encoded({})
        written = await runtime.call(
            lambda: store.replace(self.key, value, shared.session, record.index, timeout=self._patience)
        )
        if written is not None:
            self._record = written
