"""The steps of a change, each taken while holding the name: judge, count, write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace as changed

from coordination.clock import Clock
from coordination.errors import SessionLost, ValueTooLarge
from coordination.record import Record, Session
from coordination.stores.file import counter as counters
from coordination.stores.file import disk
from coordination.stores.file.exclusion import PATIENT, exclusive, strangers_out
from coordination.stores.file.expiry import Judge
from coordination.stores.file.folder import Folder
from coordination.stores.file.layout import Layout, Place
from coordination.stores.file.reading import Found, Reader
from coordination.stores.file.sessions import Sessions
from coordination.timing import Deadline

LARGEST_VALUE = 65_536
"""Bytes, as on the other stores."""


class Writer:
    """Changes the records of one folder. `hung`: the keys this process hung on each session."""

    def __init__(
        self,
        layout: Layout,
        folder: Folder,
        clock: Clock,
        judge: Judge,
        sessions: Sessions,
        reader: Reader,
        *,
        durable: bool,
    ) -> None:
        self._layout = layout
        self._folder = folder
        self._clock = clock
        self._judge = judge
        self._sessions = sessions
        self._reader = reader
        self._durable = durable
        self.hung: dict[str, set[str]] = {}

    @contextmanager
    def holding(self, key: str, timeout: float, ttl: float) -> Iterator[Place]:
        """Hold the name against everybody for the block; `ttl` is that of the one who asks."""
        bound = Deadline(self._clock, timeout)
        with (
            self.holding_among_us(key, timeout) as place,
            self._against_strangers(place, bound, timeout, ttl),
        ):
            yield place

    @contextmanager
    def holding_among_us(self, key: str, timeout: float) -> Iterator[Place]:
        """Hold the name against processes with this library."""
        self._folder.prepare(self._sessions)
        place = self._layout.place(key)
        self._folder.make_room(place)
        with exclusive(place.lock, timeout):
            yield place

    def _against_strangers(
        self, place: Place, bound: Deadline, timeout: float, ttl: float
    ) -> AbstractContextManager[None]:
        if place.foreign_lock is None:
            return nullcontext()
        aside = place.lock.with_suffix(".stale")
        return strangers_out(place.foreign_lock, aside, bound.left(timeout), ttl, self._clock)

    def remove(self, key: str, index: int, timeout: float) -> Found | None:
        """Remove the record if it is alive at `index`; what was removed.

        While strangers take it for held for another `PATIENT` seconds, their lock would protect it no
        longer than that anyway, so unless one of them has it, it is not taken: it is dear.
        """
        bound = Deadline(self._clock, timeout)
        with self.holding_among_us(key, timeout) as place:
            found = self._reader.raw(place)
            if self._left_alone(place, found):
                return self._removed(place, self._at(found, index))
            with self._against_strangers(place, bound, timeout, PATIENT):
                return self._removed(place, self.alive_at(place, index))

    def _left_alone(self, place: Place, found: Found | None) -> bool:
        if found is None or (place.foreign_lock is not None and os.path.lexists(place.foreign_lock)):
            return False
        return self._reader.safe_from_strangers(found, PATIENT)

    def _removed(self, place: Place, found: Found | None) -> Found | None:
        if found is not None:
            disk.remove(place.record)
        return found

    def free(self, place: Place, found: Found | None, session: Session, timeout: float) -> bool:
        """Whether nobody holds it; a dead session in the way is killed, an open question observed."""
        if found is None:
            return True
        standing = self._reader.standing(found, session.ttl)
        if standing.dead:
            return standing.kill(timeout)
        if standing.observe:
            counter = counters.load(place.counter)
            if counter.unchanged_for(standing.observe, self._judge) is None:
                observing = counter.observing(standing.observe, self._judge)
                counters.save(place.counter, observing, durable=False)
        return False

    def alive_at(self, place: Place, index: int) -> Found | None:
        """The record if it is alive at `index`."""
        return self._at(self.numbered(place), index)

    def _at(self, found: Found | None, index: int) -> Found | None:
        if found is None or found.torn or found.index != index:
            return None
        return None if self._reader.dead(found) else found

    def numbered(self, place: Place) -> Found | None:
        """The record with its index; what strangers wrote is given a new one, told from before."""
        found = self._reader.find(place)
        if found is None or found.torn or found.index:
            return found
        counter = counters.load(place.counter)
        index = counter.next_index(self._clock.wall())
        same_holder = counter.seen.session == found.file.session
        created = counter.seen.created if same_holder else index
        seen = counters.Seen(found.file.fingerprint, found.file.session, index, created)
        numbered = changed(counter, last=index, seen=seen)
        counters.save(place.counter, numbered, durable=self._durable)
        return self._reader.find(place)

    def write(
        self,
        place: Place,
        found: Found | None,
        value: bytes,
        session: Session,
        *,
        created: int | None,
    ) -> Record:
        """Count, make sure of the session, write the record; a refused write leaves the old one."""
        before = 0 if found is None or found.torn else found.index
        index = counters.load(place.counter).next_index(self._clock.wall(), before)
        made = index if created is None else created
        raw = self._reader.encode(place, session, value, index, made)
        if len(raw) > disk.LARGEST_FILE:
            raise ValueTooLarge(f"the record would have {len(raw)} bytes; a file holds {disk.LARGEST_FILE}")
        fresh = counters.Counter(last=index, session=session.id, ttl=session.ttl)
        counters.save(place.counter, fresh, durable=self._durable)
        if not self._sessions.start(session):
            raise SessionLost("the session is dead")
        if found is not None and found.file.session != session.id:
            self.unhang(found.file.session, place.key)
        self.hung.setdefault(session.id, set()).add(place.key)
        disk.replace(place.record, raw, place.scratch, durable=self._durable)
        return Record(place.key, value, made, index, session.id, session.ttl, session.ttl)

    def unhang(self, session_id: str, key: str) -> None:
        """A record of this process is gone."""
        keys = self.hung.get(session_id, set())
        keys.discard(key)
        if not keys:
            self.hung.pop(session_id, None)

    def fits(self, value: bytes) -> None:
        """Refuse a value that is too large, before anything is written."""
        if len(value) > LARGEST_VALUE:
            raise ValueTooLarge(f"a value may have {LARGEST_VALUE} bytes; this one has {len(value)}")
