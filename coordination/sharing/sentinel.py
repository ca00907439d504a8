"""The record of a session by which others tell it something: that they broke a lock, or ask for one.

One watch for each session instead of one for each lock. Whoever breaks or asks adds the key of the
contender to the note, by compare-and-swap, so nothing is lost; its owner looks, acts, and empties it.
It hangs on the session itself, so its disappearance tells that the session may be gone.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING

from coordination.errors import SessionLost, StoreError
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing.place import HELD, Place
from coordination.store import Subscription
from coordination.value import new_nonce

if TYPE_CHECKING:
    from coordination.sharing.session import Shared

BROKEN, ASKED = "broken", "asked"
MOST = 256
"""Keys in a note; who adds more drops the oldest: their owners learn from the next proof."""

PATIENCE = 2.0
AGAIN = 1.0
"""Seconds for one request, and until the next try after one that failed."""

Note = dict[str, list[str]]


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

    @property
    def expected(self) -> dict[str, int]:
        """What a proof should find of it."""
        record = self._record
        return {} if record is None else {record.key: record.created}

    @property
    def listening(self) -> bool:
        """Whether what others tell is heard."""
        return self._subscription is not None

    def reason(self, key: str) -> str:
        """Why a contender's record is gone, as far as we were told."""
        return "broken" if key in self._broken else "deleted"

    async def begin(self, runtime: Runtime) -> float | None:
        """Write the record, and watch it; a job that comes again until both are done."""
        try:
            if self._record is None:
                await runtime.call(self._create)
            if self._subscription is None and not self._stopped:
                await runtime.call(self._subscribe)
        except SessionLost:
            self._shared.die()
        except StoreError:
            return None if self._stopped else runtime.clock.now() + AGAIN
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
        value = encoded({})
        self._record = shared.keeping.store.create(self.key, value, shared.session, timeout=PATIENCE)

    def _subscribe(self) -> None:
        after = 0 if self._record is None else self._record.index
        subscription = self._shared.keeping.store.watch(self.key, after, self._moved, timeout=PATIENCE)
        self._subscription = subscription
        if self._stopped:
            self.stop()

    def _moved(self, key: str, index: int) -> None:
        """On the store's thread: have somebody look, unless it was our own write."""
        record = self._record
        if self._stopped or self._looking or (record is not None and index == record.index):
            return
        self._looking = True
        self._shared.keeping.beat_at(self._shared.keeping.clock.now(), self._look)

    async def _look(self, runtime: Runtime) -> float | None:
        """Read the note and act on it."""
        self._looking = False
        if self._stopped:
            return None
        shared = self._shared
        store = shared.keeping.store
        try:
            record = await runtime.call(lambda: store.read(self.key, timeout=PATIENCE))
            if record is None:
                await shared.beating.run(runtime)  # Perhaps the session has ended, perhaps only the record.
                return None
            note = decoded(record.value)
            await self._broke(runtime, note.get(BROKEN, []))
            self._asked(note.get(ASKED, []))
            if note:
                await self._empty(runtime, record)
        except SessionLost:
            shared.die()
        except StoreError:
            self._looking = True
            return runtime.clock.now() + AGAIN / 4
        return None

    async def _broke(self, runtime: Runtime, keys: list[str]) -> None:
        shared = self._shared
        store = shared.keeping.store
        for entry in keys:
            key, place = self._meant(entry)
            if place is None:
                continue
            self._broken.add(key)
            record = await runtime.call(partial(store.read, key, timeout=PATIENCE))
            if record is None or record.created != place.created:
                shared.lose_place(place, "broken")
            self._broken.discard(key)

    def _asked(self, keys: list[str]) -> None:
        for entry in keys:
            _key, place = self._meant(entry)
            if place is not None and place.state == HELD:
                place.asked()

    def _meant(self, entry: str) -> tuple[str, Place | None]:
        """A key may be used again, so an entry names the creation as well."""
        key, _, created = entry.partition(" ")
        place = self._shared.places.get(key)
        return key, place if place is not None and created == str(place.created) else None

    async def _empty(self, runtime: Runtime, record: Record) -> None:
        """So that the next one is short; who came in between is found at the next look."""
        shared = self._shared
        store = shared.keeping.store
        value = encoded({})
        written = await runtime.call(
            lambda: store.replace(self.key, value, shared.session, record.index, timeout=PATIENCE)
        )
        if written is not None:
            self._record = written


def entry_of(record: Record) -> str:
    """What a note says of a contender."""
    return f"{record.key} {record.created}"


def encoded(note: Note) -> bytes:
    """With a nonce, so that two equal notes are two writes."""
    return json.dumps({**note, "nonce": new_nonce()}, separators=(",", ":")).encode()


def decoded(raw: bytes) -> Note:
    """Read leniently: it is written by others."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(fields, dict):
        return {}
    lists = {name: fields.get(name) for name in (BROKEN, ASKED)}
    return {
        name: [key for key in keys if isinstance(key, str)][-MOST:]
        for name, keys in lists.items()
        if isinstance(keys, list)
    }
