"""Records as they were last seen.

Consul wants the session named that a record is taken from, and what is believed of a record can be
checked, or waited to change, without reading it first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from coordination.record import Record

MOST = 4096
"""Records remembered; for one that is not, a request more is needed."""


@dataclass(frozen=True, slots=True)
class _Sight:
    created: int
    index: int
    session: str


class Seen:
    """By key, each at one index. Safe for threads."""

    def __init__(self) -> None:
        self._mutex = threading.RLock()
        self._sights: OrderedDict[str, _Sight] = OrderedDict()

    def note(self, record: Record) -> Record:
        """Remember it, without its value; answers the record."""
        with self._mutex:
            self._sights[record.key] = _Sight(record.created, record.index, record.session or "")
            self._sights.move_to_end(record.key)
            if len(self._sights) > MOST:
                self._sights.popitem(last=False)
        return record

    def holder(self, key: str, index: int) -> str | None:
        """The session of the record at exactly `index`, "" for none; None if that was not seen."""
        seen = self._sights.get(key)
        return seen.session if seen is not None and seen.index == index else None

    def index(self, key: str) -> int | None:
        """Its index when it was last seen; None if it was not, or long ago."""
        seen = self._sights.get(key)
        return None if seen is None else seen.index

    def index_on(self, key: str, created: int, session: str) -> int | None:
        """The index at which this very record was seen on this session; None if it was not."""
        seen = self._sights.get(key)
        if seen is None or (seen.created, seen.session) != (created, session):
            return None
        return seen.index
