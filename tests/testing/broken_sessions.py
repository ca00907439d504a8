"""Stores that break a promise about sessions or about numbers; see `broken_stores.py`."""

from __future__ import annotations

from dataclasses import replace

from coordination.clock import Clock
from coordination.record import Record, Session, scope_of
from coordination.stores.memory import MemoryStore
from coordination.stores.memory.state import Live


class CountsFromZeroAgain(MemoryStore):
    """Keeps its counter with the records: when the last one is deleted, tokens repeat."""

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        deleted = super().delete(key, index, timeout=timeout)
        if deleted and not self._state.records:
            self._state._last_index = 0
        return deleted


class CountsPerContender(MemoryStore):
    """Keeps a counter for each key instead of one for each name, so contenders tie."""

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        record = super().create(key, value, session, timeout=timeout)
        if record is None or key == scope_of(key):
            return record
        with self._step() as state:
            state.records[key] = replace(state.records[key], created=1)
        return replace(record, created=1)


class RevivesTheDead(MemoryStore):
    """Takes a renewal as a proof of life, however late it comes."""

    def renew_session(self, session: Session, *, timeout: float) -> Session | None:
        with self._step() as state:
            state.sessions[session.id] = Live(session.ttl, self._clock.now() + session.ttl)
        return session


class CreatesOnTheDead(MemoryStore):
    """Does not look at the session it hangs a record on."""

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        if self.renew_session(session, timeout=timeout) is None:
            session = self.open_session(session.ttl, timeout=timeout)
        return super().create(key, value, session, timeout=timeout)


class LeavesRecordsBehind(MemoryStore):
    """Ends a session without its records, like a bare unlock in Consul."""

    def close_session(self, session: Session, *, timeout: float) -> None:
        with self._step() as state:
            state.sessions.pop(session.id, None)
            for key, record in state.records.items():
                if record.session == session.id:
                    state.records[key] = replace(record, session=None)


class TakesMovedRecordsAlong(MemoryStore):
    """Ends with a session also what once hung on it and was stolen since."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.once: list[tuple[str, str]] = []

    def create(self, key: str, value: bytes, session: Session, *, timeout: float) -> Record | None:
        self.once.append((session.id, key))
        return super().create(key, value, session, timeout=timeout)

    def close_session(self, session: Session, *, timeout: float) -> None:
        super().close_session(session, timeout=timeout)
        with self._step() as state:
            for owner, key in self.once:
                if owner == session.id and key in state.records:
                    state.remove(key)
