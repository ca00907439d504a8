"""Writing records: what the store's `create`, `replace`, `delete` and `commit` do, each one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from coordination.clock import SystemClock
from coordination.errors import SessionLost, StoreUnavailable, ValueTooLarge
from coordination.record import Guard, Record, Session
from coordination.stores.consul import steps
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.reading import Reading
from coordination.stores.consul.seen import Seen
from coordination.stores.consul.sessions import known
from coordination.stores.consul.transactions import Outcome, Transactions, unexpected
from coordination.timing import Deadline

LARGEST = 65_536
"""Bytes of a value."""


class Writes:
    """Of one store. `wrote` is told the key and the index of each record that was written."""

    def __init__(
        self,
        transactions: Transactions,
        reading: Reading,
        keys: Keys,
        seen: Seen,
        wrote: Callable[[str, int], None],
    ) -> None:
        self._transactions = transactions
        self._reading = reading
        self._keys = keys
        self._seen = seen
        self._wrote = wrote

    def create(self, key: str, value: bytes, session: Session, timeout: float) -> Record | None:
        """A record that is not there."""
        self.check(value, session)
        step = steps.create(self._keys.stored(key), value, session.id)
        return self.written(key, value, session, self._transactions.write(step, timeout))

    def replace(
        self, key: str, value: bytes, session: Session, index: int, *, timeout: float
    ) -> Record | None:
        """Two requests more to steal a record that this store has never seen."""
        self.check(value, session)
        if index < 1:
            return None  # To Consul, index 0 means that there is no such key.
        bound = Deadline(SystemClock(), timeout)
        stored = self._keys.stored(key)
        holder = self._seen.holder(key, index)
        step = steps.replace(stored, value, session.id, index, holder)
        outcome = self._transactions.write(step, timeout)
        if holder is None and steps.held(outcome):
            there = self._reading.one(stored, bound.left(timeout))
            if there is None or there.index != index:
                return None
            step = steps.replace(stored, value, session.id, index, there.session or None)
            outcome = self._transactions.write(step, bound.left(timeout))
        return self.written(key, value, session, outcome)

    def delete(self, key: str, index: int, timeout: float) -> bool:
        """Remove it, if it is still as it was at `index`."""
        if index < 1:
            return False
        outcome = self._transactions.write(steps.delete(self._keys.stored(key), index), timeout)
        if not outcome.applied and not steps.moved(outcome):
            raise unexpected(outcome)
        return outcome.applied

    def commit(
        self, guard: Guard, puts: Mapping[str, bytes], deletes: Sequence[str], timeout: float
    ) -> int | None:
        """Under the condition that the guard's key is locked by its session."""
        for value in puts.values():
            _check_size(value)
        if not known(guard.session):
            return None
        stored, bound = self._keys.stored, Deadline(SystemClock(), timeout)
        sets = {stored(key): value for key, value in puts.items()}
        removals = [stored(key) for key in deletes]
        for seen in (True, False):  # What was seen last may have been written over since.
            index = self._index(guard, bound.left(timeout), seen=seen)
            if index == 0:
                return None
            step = steps.commit(stored(guard.key), guard.session, index, sets, removals)
            outcome = self._transactions.write(step, bound.left(timeout))
            if outcome.applied:
                return outcome.entries[-1].index
            if 0 in outcome.complaints:
                return None
            if index is None or 1 not in outcome.complaints:
                raise unexpected(outcome)
        raise StoreUnavailable("the guard was being written over; nothing was written, try again")

    def _index(self, guard: Guard, timeout: float, *, seen: bool) -> int | None:
        """Where the guard's record is, 0 if it is not the one created then; None if that does not matter."""
        if guard.created is None:
            return None
        index = self._seen.index_on(guard.key, guard.created, guard.session) if seen else None
        if index is not None:
            return index
        entry = self._reading.one(self._keys.stored(guard.key), timeout)
        there = None if entry is None else self._seen.note(entry.record(self._keys))
        return there.index if there is not None and guard.holds(there) else 0

    def check(self, value: bytes, session: Session) -> None:
        """Refuse what can never be written."""
        _check_size(value)
        if not known(session.id):
            raise SessionLost("the session is dead", reason="expired")

    def written(self, key: str, value: bytes, session: Session, outcome: Outcome) -> Record | None:
        """The record as written by the last entry of `outcome`; None if somebody was there before us."""
        if outcome.applied:
            entry = outcome.entries[-1]
            return self.noted(Record(key, value, entry.created, entry.index, session.id, session.ttl))
        outcome.demand_session()
        if not steps.moved(outcome) and not steps.held(outcome):
            raise unexpected(outcome)
        return None

    def noted(self, record: Record) -> Record:
        """We have written it."""
        self._wrote(record.key, record.index)
        return self._seen.note(record)


def _check_size(value: bytes) -> None:
    if len(value) > LARGEST:
        raise ValueTooLarge(f"a value may have {LARGEST} bytes; this one has {len(value)}")
