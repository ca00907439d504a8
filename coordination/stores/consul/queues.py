"""Queues of contenders: entering one, and who is still ahead, one transaction each.

A record is created and its whole queue read in the same entry of Consul's log, so `ahead` is complete,
and it only shrinks: who comes later has a higher CreateIndex. A record without a session holds up
nobody: its session is dead, or it never had one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from coordination.clock import SystemClock
from coordination.contention import Standing
from coordination.errors import OutcomeUnknown, PermissionDenied, StoreError
from coordination.record import Record, Session
from coordination.stores.consul import steps
from coordination.stores.consul.answers import Entry
from coordination.stores.consul.failures import LongAnswer
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.message import LARGE
from coordination.stores.consul.reading import Reading
from coordination.stores.consul.seen import Seen
from coordination.stores.consul.transactions import MOST_OPERATIONS, Outcome, Transactions, operation
from coordination.stores.consul.writes import Writes
from coordination.timing import Deadline

MOST = MOST_OPERATIONS - 1
"""Contenders ahead that are looked at in one transaction, beside our own record."""


class Queueing:
    """Of one store."""

    def __init__(
        self, transactions: Transactions, reading: Reading, keys: Keys, seen: Seen, writes: Writes
    ) -> None:
        self._transactions = transactions
        self._reading = reading
        self._keys = keys
        self._seen = seen
        self._writes = writes

    def enter(self, key: str, value: bytes, session: Session, timeout: float) -> Standing | None:
        """One transaction; more if the queue has too many bytes for one answer."""
        self._writes.check(value, session)
        bound = Deadline(SystemClock(), timeout)
        stored, folder = self._keys.stored(key), self._keys.folder(_folder(key))
        step = steps.enter(stored, value, session.id, folder)
        try:
            outcome = self._transactions.write(step, timeout, LARGE)
        except LongAnswer:
            try:
                inside = self._reading.below(folder, bound.left(timeout))
            except StoreError as error:  # The record is there: nobody may take this for "not applied".
                raise OutcomeUnknown(f"Consul wrote the record, and then: {error}") from error
            outcome = Outcome([it for it in inside if it.key == stored and it.value == value], {})
            if not outcome.entries:
                raise
        else:
            inside, outcome = outcome.entries[1:], Outcome(outcome.entries[:1], outcome.complaints)
        record = self._writes.written(key, value, session, outcome)
        if record is None:
            return None
        if all(it.key != stored for it in inside):
            raise OutcomeUnknown("Consul does not show who else is in the queue: may the ACL token read it?")
        return Standing(record, self._ahead(record, inside))

    def standing(self, before: Standing, timeout: float) -> Standing | None:
        """One transaction for each 63 that were ahead; one more if several of them still are."""
        bound = Deadline(SystemClock(), timeout)
        record, ahead, size = before.record, list(before.ahead), MOST
        while True:
            asked = ahead[:size]
            outcome = self._looked(record, asked, bound.left(timeout))
            if 0 in outcome.complaints:
                there = self._again(record, bound.left(timeout))
                if there is None:
                    return None
                record = there
                continue
            holdups = self._holdups(asked, outcome)
            ahead = [*holdups, *ahead[len(asked) :]]
            if not ahead or (holdups and (outcome.applied or asked[0] != holdups[0])):
                return Standing(record, tuple(ahead))
            # The nearest is there, but of what is there Consul tells nothing while others are there too.
            size = 1 if holdups else MOST

    def _ahead(self, record: Record, inside: Sequence[Entry]) -> tuple[str, ...]:
        beginning = len(self._keys.folder(_folder(record.key)))
        before = [
            it
            for it in inside
            if it.session and it.created < record.created and "/" not in it.key[beginning:]
        ]
        before.sort(key=lambda it: it.created, reverse=True)
        if before:
            self._seen.note(before[0].record(self._keys))  # It is the one that will be watched.
        return tuple(self._keys.contract(it.key) for it in before)

    def _looked(self, record: Record, asked: Sequence[str], timeout: float) -> Outcome:
        """Whether we are as we were, what the nearest ahead is, and that the others are gone."""
        stored = self._keys.stored
        verbs = ["get", *["check-not-exists"] * len(asked)]
        ours = operation("check-index", stored(record.key), Index=record.index)
        others = [operation(verb, stored(key)) for verb, key in zip(verbs, asked, strict=False)]
        return self._transactions.read([ours, *others], timeout)

    def _holdups(self, asked: Sequence[str], outcome: Outcome) -> list[str]:
        """Who of those asked for is there; but for a nearest one without a session, where that is told."""
        others = [key for place, key in enumerate(asked, 1) if place in outcome.complaints and place > 1]
        if not asked or 1 in outcome.complaints:
            return others
        if outcome.applied and not self._holds_up(asked[0], outcome):
            return []
        return [asked[0], *others]

    def _holds_up(self, key: str, outcome: Outcome) -> bool:
        stored = self._keys.stored(key)
        entry = next((it for it in outcome.entries if it.key == stored), None)
        if entry is None:
            raise PermissionDenied("Consul does not let the ACL token read who else is in the queue")
        return self._seen.note(entry.record(self._keys)).session is not None

    def _again(self, record: Record, timeout: float) -> Record | None:
        """Our own record, which was rewritten or is gone."""
        there = self._reading.one(self._keys.stored(record.key), timeout)
        if there is None or (there.created, there.session) != (record.created, record.session):
            return None
        return self._seen.note(replace(record, value=there.value, index=there.index))


def _folder(key: str) -> str:
    """The queue that a contender stands in."""
    return key[: key.rindex("/") + 1]
