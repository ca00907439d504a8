"""Stores under locks that break one promise each; see `broken_recipes`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coordination.contention import Proof, Standing
from coordination.record import Guard, Session
from coordination.sharing.asking import contenders
from coordination.stores.memory import MemoryStore


class NobodyIsAhead(MemoryStore):
    """Looks for who is ahead before it writes, and not as of that moment: here, it never sees anybody."""

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        standing = super().enter(key, value, session, alone=False, timeout=timeout)
        return None if standing is None else Standing(standing.record, ())


class NeverProves(MemoryStore):
    """Takes the renewal of the session for a proof of what hangs on it."""

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        return Proof(frozenset(), {})


class CommitsWithoutAGuard(MemoryStore):
    """Writes what it is given."""

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], *, timeout: float
    ) -> int | None:
        session = self.open_session(3600.0, timeout=timeout)
        written = self.create(f"{guard.key}.guard", b"", session, timeout=timeout)
        assert written is not None
        index = super().commit(Guard(written.key, session.id), puts, deletes, timeout=timeout)
        self.close_session(session, timeout=timeout)
        return index


class LeavesWaitersBehind(MemoryStore):
    """Removes nobody but the first of a queue, as one does who releases by the name of the lock."""

    def delete(self, key: str, index: int, *, timeout: float) -> bool:
        folder = key.rpartition("/")[0] + "/"
        if "/locks/" in key and contenders(self.list(folder, timeout=timeout), folder)[0].key != key:
            return True
        return super().delete(key, index, timeout=timeout)
