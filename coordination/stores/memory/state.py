"""What a memory store holds, and what happens to it; neither threads nor clocks are known here."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

from coordination.record import Record

Change = tuple[str, int]
"""A key with its new index, 0 if it is gone."""


@dataclass
class Live:
    """A session that has not died: its ttl, and when it would expire unrenewed."""

    ttl: float
    expires_at: float


class State:
    """Living sessions, and the records that hang on them or on none."""

    def __init__(self) -> None:
        self.sessions: dict[str, Live] = {}
        self.records: dict[str, Record] = {}
        self._folders: dict[str, dict[str, None]] = {}
        self.last_removal = 0
        self._last_index = 0
        self.changes: list[Change] = []

    def next_index(self) -> int:
        """The number of the next change; there is one count for all keys."""
        self._last_index += 1
        return self._last_index

    def put(self, record: Record) -> None:
        """Write a record, over whatever is there."""
        self.records[record.key] = record
        self._folders.setdefault(_folder(record.key), {})[record.key] = None
        self.changes.append((record.key, record.index))

    def remove(self, key: str) -> None:
        """Remove a record; that is a change with a number of its own."""
        del self.records[key]
        folder = _folder(key)
        del self._folders[folder][key]
        if not self._folders[folder]:
            del self._folders[folder]
        self.last_removal = self.next_index()
        self.changes.append((key, 0))

    def last_of(self, key: str) -> tuple[str, ...]:
        """The key created last in the folder of `key`, if there is any."""
        return tuple(itertools.islice(reversed(self._folders.get(_folder(key), {})), 1))

    def before(self, key: str) -> tuple[str, ...]:
        """The key created before `key`, which is there, in the same folder; if there is any."""
        ahead: tuple[str, ...] = ()
        for other in self._folders[
            _folder(key)
        ]:  # In the order of their creation: a rewrite keeps its place.
            if other == key:
                break
            ahead = (other,)
        return ahead

    def expire(self, now: float) -> None:
        """End every session whose time is up."""
        for session in [key for key, live in self.sessions.items() if live.expires_at <= now]:
            self.kill(session)

    def kill(self, session: str) -> None:
        """End a session, and with it every record on it."""
        self.sessions.pop(session, None)
        for key in [key for key, record in self.records.items() if record.session == session]:
            self.remove(key)

    def shown(self, record: Record, now: float) -> Record:
        """The record with what its session says about time."""
        if record.session is None:
            return record
        live = self.sessions[record.session]
        return replace(record, ttl=live.ttl, time_left=live.expires_at - now)


def _folder(key: str) -> str:
    return key.rpartition("/")[0]
