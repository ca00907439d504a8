"""Looking at records: single ones, many, and changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from coordination.clock import Clock, SystemClock
from coordination.record import Record, Session
from coordination.store import Notify, Records
from coordination.stores.etcd.keys import Keys
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import RANGE
from coordination.stores.etcd.requests import lease_of, record_of
from coordination.stores.etcd.sessions import Sessions
from coordination.stores.etcd.watched import Place, Watched
from coordination.stores.etcd.wire import Wire
from coordination.timing import Deadline

_Range = message("RangeRequest")

PAGE = 250
"""Records in the first answer; of the largest size they are 16 MiB."""

LARGEST = 4 * 2**20
"""Bytes that a later answer should have, if its records are about as large as those before."""

LOOKS = 4
"""How often a record is read that is moved to another lease each time."""


class Reading:
    """Everything linearizable: no decision from a stale read."""

    def __init__(self, wire: Wire, keys: Keys, sessions: Sessions) -> None:
        self._wire = wire
        self._keys = keys
        self._sessions = sessions
        self._clock: Clock = SystemClock()

    def read(self, key: str, timeout: float) -> Record | None:
        """The record and, as it hangs on a session, how long that has left.

        A lease that has just died may have lost the record to another one: only a second look tells.
        """
        bound = Deadline(self._clock, timeout)
        dead = 0
        for _ in range(LOOKS):
            answer = self._wire.connection.call(RANGE, _Range(key=self._keys.raw(key)), bound.left(timeout))
            if not answer.kvs:
                return None
            pair = answer.kvs[0]
            if not pair.lease:
                return record_of(key, pair)
            if pair.lease == dead:
                return None
            ttl, left = self._sessions.time_left(pair.lease, bound.left(timeout))
            if ttl:
                return record_of(key, pair, ttl, left)
            dead = pair.lease
        return record_of(key, pair)  # Alive, as it is being moved all the time.

    def index(self, key: str, timeout: float) -> int:
        """The index of the record, 0 if there is none."""
        request = _Range(key=self._keys.raw(key), keys_only=True)
        answer = self._wire.connection.call(RANGE, request, timeout)
        return int(answer.kvs[0].mod_revision) if answer.kvs else 0

    def list(self, prefix: str, timeout: float) -> Records:
        """All of them as of one moment."""
        pairs = self._pages(self._keys.below(prefix), timeout)
        return [record_of(self._keys.key(pair.key), pair) for pair in pairs]

    def timed(self, records: Sequence[Record], timeout: float) -> Records:
        """With the time that each one's session has left, asked once for each session.

        After half of `timeout` nothing more is asked, and the rest is answered as it was listed.
        """
        bound, half = Deadline(self._clock, timeout), Deadline(self._clock, timeout / 2)
        asked: dict[str, tuple[float, float]] = {}
        found: list[Record | None] = []
        for record in records:
            session = record.session or ""
            if session and session not in asked and not half.passed:
                asked[session] = self._sessions.time_left(lease_of(Session(session, 0)), bound.left(timeout))
            ttl, left = asked.get(session, (None, None))
            if ttl:
                found.append(replace(record, ttl=ttl, time_left=left))
            elif ttl is None or half.passed:
                found.append(record)
            else:
                found.append(self.read(record.key, bound.left(timeout)))
        return [record for record in found if record is not None]

    def watch(self, prefix: str, after: int, notify: Notify, timeout: float) -> Watched:
        """Tell of changes past `after`: those since the watch began, and those before, found by reading."""
        bound = Deadline(self._clock, timeout)

        def tell(raw: bytes, index: int) -> None:
            notify(self._keys.key(raw) if raw else prefix, index)

        place = self._keys.watched(prefix)
        watched = self._wire.watches.begin(place, tell, timeout)
        try:
            if watched.revision > after:
                self._catch_up(place, prefix, after, notify, bound.left(timeout))
        except BaseException:
            watched.close()
            raise
        return watched

    def _catch_up(self, place: Place, prefix: str, after: int, notify: Notify, timeout: float) -> None:
        there = set()
        for pair in self._pages(place, timeout, keys_only=True):
            there.add(pair.key)
            if pair.mod_revision > after:
                notify(self._keys.key(pair.key), pair.mod_revision)
        if after and (place.end or place.key not in there):
            notify(prefix, 0)  # Something may be gone; which keys there were is not known.

    def _pages(self, place: Place, timeout: float, *, keys_only: bool = False) -> Iterator[Any]:
        """Every pair there; later pages as of the revision of the first."""
        bound = Deadline(self._clock, timeout)
        start, revision, limit = place.key, 0, PAGE
        while True:
            request = _Range(
                key=start, range_end=place.end, limit=limit, revision=revision, keys_only=keys_only
            )
            answer = self._wire.connection.call(RANGE, request, bound.left(timeout))
            yield from answer.kvs
            if not answer.more or not answer.kvs:
                return
            limit = max(PAGE, LARGEST * len(answer.kvs) // max(1, answer.ByteSize()))
            start = answer.kvs[-1].key + b"\0"
            revision = revision or answer.header.revision
