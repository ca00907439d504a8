"""The queue of a name, and the proof of many records: by a store's fast paths, or the contract's calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coordination.clock import Clock
from coordination.contention import Proof, Proofs, Queues, Standing
from coordination.errors import LeaseCorrupt, OutcomeUnknown, StoreError
from coordination.record import Record, Session
from coordination.store import Store
from coordination.timing import Deadline


class Asking:
    """One request for each question where the store can; else a few."""

    __slots__ = ("_blind", "_clock", "_proofs", "_queues", "_store")

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._blind = not store.capabilities.notices_expiry
        self._queues = store if isinstance(store, Queues) else None
        self._proofs = store if isinstance(store, Proofs) else None

    def enter(
        self, key: str, value: bytes, session: Session, *, alone: bool, timeout: float
    ) -> Standing | None:
        """`Queues.enter`. Where it takes two requests, `OutcomeUnknown` may stand for the second one."""
        if self._queues is not None:
            return self._queues.enter(key, value, session, alone=alone, timeout=timeout)
        bound = Deadline(self._clock, timeout)
        record = self._store.create(key, value, session, timeout=timeout)
        if record is None:
            return None
        try:
            return self.standing(Standing(record, ()), timeout=bound.left(timeout))
        except StoreError as error:  # The record is there: nobody may take this for "not applied".
            raise OutcomeUnknown(f"the record was written, and then: {error}") from error

    def standing(self, before: Standing, *, timeout: float) -> Standing | None:
        """`Queues.standing`."""
        if self._queues is not None:
            return self._queues.standing(before, timeout=timeout)
        ours = before.record
        there = contenders(self._store.list(folder_of(ours.key), timeout=timeout), folder_of(ours.key))
        mine = next((it for it in there if it.key == ours.key and it.created == ours.created), None)
        if mine is None or mine.session != ours.session:
            return None
        ahead = [it for it in reversed(there) if it.created < mine.created]
        left = ahead[0].time_left if ahead and self._blind else None
        return Standing(mine, tuple(it.key for it in ahead), left)

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], *, timeout: float
    ) -> Proof:
        """`Proofs.prove`."""
        if self._proofs is not None:
            return self._proofs.prove(session, expected, doubtful, timeout=timeout)
        bound = Deadline(self._clock, timeout)
        gone = {
            key
            for key, created in expected.items()
            if not _is(self._read(key, bound.left(timeout)), created, session)
        }
        strays = {key: self._read(key, bound.left(timeout)) for key in sorted(doubtful)}
        ours = {key: it.index for key, it in strays.items() if it is not None and it.session == session.id}
        return Proof(frozenset(gone), ours)

    def _read(self, key: str, timeout: float) -> Record | None:
        try:
            return self._store.read(key, timeout=timeout)
        except LeaseCorrupt:
            return None


def folder_of(key: str) -> str:
    """The queue that a contender's key is in."""
    return key[: key.rindex("/") + 1]


def contenders(records: Iterable[Record], folder: str) -> list[Record]:
    """Those that stand in a queue, in its order; what strangers left there without a session does not."""
    inside = [it for it in records if it.session is not None and "/" not in it.key[len(folder) :]]
    return sorted(inside, key=lambda record: record.created)


def _is(record: Record | None, created: int, session: Session) -> bool:
    return record is not None and record.created == created and record.session == session.id
