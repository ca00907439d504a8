"""Finding a record and saying how it stands: alive, dead, or not to be known yet."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed

from coordination.errors import StoreRefused
from coordination.record import Record, Session, name_of
from coordination.stores.file import counter as counters
from coordination.stores.file import disk, record_file
from coordination.stores.file.expiry import Judge, Verdict
from coordination.stores.file.layout import Layout, Place
from coordination.stores.file.record_file import RecordFile, TornError
from coordination.stores.file.sessions import Sessions
from coordination.value import decode as decode_value

Kill = Callable[[float], bool]
"""Ends the session in the way, within a timeout; False if it turned out to be alive."""


@dataclass(frozen=True, slots=True)
class Found:
    """What lies at a place. `index` 0: strangers wrote it and it has not been numbered yet."""

    place: Place
    file: RecordFile
    index: int
    created: int
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands. `observe`: what must stay unchanged for it to be dead, if that is open."""

    dead: bool
    left: float
    ttl: float
    kill: Kill
    observe: str = ""


class Reader:
    """Reads records of one folder; changes nothing but the death of sessions."""

    def __init__(self, layout: Layout, judge: Judge, sessions: Sessions) -> None:
        self._layout = layout
        self._judge = judge
        self._sessions = sessions

    def raw(self, place: Place) -> Found | None:
        """The record file as it is, torn or not, numbered by nobody; None if there is none."""
        content = disk.read(place.record)
        if content is None:
            return None
        try:
            file = record_file.decode(content)
        except TornError:
            torn = RecordFile("", 0.0, 0.0, fingerprint=record_file.fingerprint(content))
            return Found(place, torn, 0, 0, torn=True)
        if not file.foreign and file.name != name_of(place.key):
            raise StoreRefused(
                f"{place.record} holds {file.name!r}: names must differ by more than case here"
            )
        return Found(place, file, file.index, file.created)

    def find(self, place: Place) -> Found | None:
        """The same, with the numbers that a stranger's record was given when it was first seen."""
        found = self.raw(place)
        if found is None or found.torn or found.index:
            return found
        seen = counters.load(place.counter).seen
        if seen.fingerprint != found.file.fingerprint:
            return found
        return Found(place, found.file, seen.index, seen.created)

    def standing(self, found: Found, own_ttl: float) -> Standing:
        """Judge it; `own_ttl` is what the one who asks would hold it for."""
        if found.torn:
            return self._torn(found, own_ttl)
        session = self._sessions.load(found.file.session)
        if session is None and found.file.foreign:
            return self._foreign(found.file)
        if session is None:
            return Standing(True, 0.0, 0.0, _nothing)
        kill = functools.partial(self._sessions.kill, found.file.session, session.sequence)
        verdict, left = self._judge.verdict(session.stamp, session.ttl)
        if verdict is Verdict.UNKNOWN:
            what = f"{found.file.session}:{session.sequence}:{found.file.fingerprint}"
            ttl = session.ttl or found.file.ttl
            return self._observed(found.place, what, ttl, kill, look_again=left or ttl)
        return Standing(verdict is Verdict.EXPIRED, left, session.ttl, kill)

    def _torn(self, found: Found, own_ttl: float) -> Standing:
        """Torn content names no holder: while the holder of our last write is alive, it is that one's."""
        counter = counters.load(found.place.counter)
        ttl = max(own_ttl, counter.ttl)
        session = self._sessions.load(counter.session)
        if session is None:
            return self._observed(found.place, found.file.fingerprint, ttl, _nothing)
        kill = functools.partial(self._sessions.kill, counter.session, session.sequence)
        verdict, left = self._judge.verdict(session.stamp, session.ttl)
        if verdict is Verdict.ALIVE:
            return Standing(False, left, session.ttl, kill)
        what = f"{counter.session}:{session.sequence}:{found.file.fingerprint}"
        return self._observed(found.place, what, max(ttl, session.ttl), kill)

    def _observed(
        self, place: Place, what: str, ttl: float, kill: Kill, look_again: float = math.inf
    ) -> Standing:
        """Dead once it has been seen unchanged for its ttl; the clocks may agree before that."""
        unchanged = counters.load(place.counter).unchanged_for(what, self._judge)
        if unchanged is not None and unchanged > ttl:
            return Standing(True, 0.0, ttl, kill)
        left = ttl if unchanged is None else ttl - unchanged
        return Standing(False, min(left, look_again), ttl, kill, observe=what)

    def _foreign(self, file: RecordFile) -> Standing:
        """By the rule of its format: the wall clock alone, still held at the very instant."""
        left = file.renewed_at + file.ttl - self._judge.clock.wall()
        return Standing(left < 0, max(0.0, left), file.ttl, _nothing)

    def safe_from_strangers(self, found: Found, seconds: float) -> bool:
        """Whether programs that judge by the wall clock will take it for held for so long."""
        file = found.file
        left = file.renewed_at + file.ttl - self._judge.clock.wall()
        return not found.torn and not file.foreign and left >= seconds

    def dead(self, found: Found) -> bool:
        """Whether it is certainly dead."""
        return self.standing(found, 0.0).dead

    def record(self, found: Found) -> Record | None:
        """The record for a caller; None if it is dead."""
        standing = self.standing(found, 0.0)
        if standing.dead:
            return None
        file, value = found.file, found.file.value
        if file.foreign:
            name = name_of(found.place.key)
            value = changed(decode_value(value), token=found.created, name=name).encode()
        key, left = found.place.key, standing.left
        return Record(key, value, found.created, found.index, file.session, standing.ttl, left)

    def encode(self, place: Place, session: Session, value: bytes, index: int, created: int) -> bytes:
        """The file for a record of ours."""
        now = self._judge.clock.wall()
        return record_file.encode(
            session.id, session.ttl, value, now, index=index, created=created, name=name_of(place.key)
        )


def _nothing(_timeout: float) -> bool:
    return True
