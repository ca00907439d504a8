"""Queues of contenders: entering one, looking who is ahead, hearing of everybody who leaves.

A folder's keys in the order of their creation are the queue. Each question is one transaction, so
what it says of the contender and of the others is true of one moment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coordination.clock import SystemClock
from coordination.contention import Removed, Standing
from coordination.errors import OutcomeUnknown, StoreError, StoreUnavailable
from coordination.record import Record, Session, scope_of
from coordination.stores.etcd.keys import Keys
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import LOOK, RANGE, TXN
from coordination.stores.etcd.requests import lease_for
from coordination.stores.etcd.schema import BY_CREATION, CREATE, DESCEND, NOPUT
from coordination.stores.etcd.watched import Place, Watched
from coordination.stores.etcd.wire import Wire
from coordination.timing import Deadline

FIRST = 2
"""The revision of the first write to an etcd; a bound below it would mean none."""

SAYS_TOO_LITTLE = "etcd: a transaction was applied, and its answer does not say what it did"

_Txn = message("TxnRequest")
_Compare = message("Compare")
_Op = message("RequestOp")
_Put = message("PutRequest")
_Range = message("RangeRequest")


class Queueing:
    """The part of the store that lets contenders queue up."""

    def __init__(self, wire: Wire, keys: Keys) -> None:
        self._wire = wire
        self._keys = keys

    def enter(self, key: str, value: bytes, session: Session, alone: bool, timeout: float) -> Standing | None:
        """One transaction; with `alone` it is refused while the folder holds anything.

        What strangers left there holds up nobody; to see past it takes a request more.
        """
        bound = Deadline(SystemClock(), timeout)
        if not alone:
            return self._entered(key, value, session, bound, timeout)
        raw, folder = self._keys.raw(key), self._folder(key)
        # True of every key in the range, so of none.
        free = _Compare(target=CREATE, key=folder.key, range_end=folder.end, create_revision=0)
        put = _Op(request_put=_Put(key=raw, value=value, lease=lease_for(session)))
        look = _Op(request_range=_nearest(folder))
        request = _Txn(compare=[free], success=[put], failure=[look])
        answer = self._wire.connection.call(TXN, request, timeout)
        if answer.succeeded and not answer.responses:
            raise OutcomeUnknown(SAYS_TOO_LITTLE)
        if answer.succeeded:
            return Standing(_record(key, value, session, answer), ())
        if not answer.responses or self._ahead(folder, answer.responses[0], 0, bound.left(timeout)):
            return None
        return self._entered(key, value, session, bound, timeout)

    def _entered(
        self, key: str, value: bytes, session: Session, bound: Deadline, timeout: float
    ) -> Standing | None:
        """The look comes before the put: whoever is there at that moment is ahead."""
        raw, folder = self._keys.raw(key), self._folder(key)
        free = _Compare(target=CREATE, key=raw, create_revision=0)
        put = _Op(request_put=_Put(key=raw, value=value, lease=lease_for(session)))
        steps = [_Op(request_range=_nearest(folder)), put]
        answer = self._wire.connection.call(TXN, _Txn(compare=[free], success=steps), bound.left(timeout))
        if not answer.succeeded:
            return None
        if len(answer.responses) != len(steps):
            raise OutcomeUnknown(SAYS_TOO_LITTLE)
        record = _record(key, value, session, answer)
        try:
            ahead = self._ahead(folder, answer.responses[0], record.created - 1, bound.left(timeout))
        except StoreError as error:  # The record is there: nobody may take this for "not applied".
            raise OutcomeUnknown(f"etcd wrote the record, and then: {error}") from error
        return Standing(record, ahead)

    def standing(self, before: Standing, timeout: float) -> Standing | None:
        """One transaction that writes nothing; it is linearizable as no look in it is serializable."""
        bound = Deadline(SystemClock(), timeout)
        key, created = before.record.key, before.record.created
        if created < FIRST:
            return None
        folder = self._folder(key)
        there = _Compare(target=CREATE, key=self._keys.raw(key), create_revision=created)
        look = _Op(request_range=_nearest(folder, created - 1))
        answer = self._wire.connection.call(LOOK, _Txn(compare=[there], success=[look]), timeout)
        if not answer.succeeded:
            return None
        if not answer.responses:
            raise StoreUnavailable("etcd: a transaction's answer does not say what it saw")
        ahead = self._ahead(folder, answer.responses[0], created - 1, bound.left(timeout))
        return replace(before, ahead=ahead)

    def _ahead(self, folder: Place, answer: Any, latest: int, timeout: float) -> tuple[str, ...]:
        """The nearest one that an answer shows, past those that are no contenders."""
        pairs = answer.response_range.kvs
        if all(_stands(pair, folder) for pair in pairs):
            return tuple(self._keys.key(pair.key) for pair in pairs)
        return self._contenders(folder, latest, timeout)

    def _contenders(self, folder: Place, latest: int, timeout: float) -> tuple[str, ...]:
        """All of them, the last one first."""
        request = _nearest(folder, latest, limit=0)
        pairs = self._wire.connection.call(RANGE, request, timeout).kvs
        return tuple(self._keys.key(pair.key) for pair in pairs if _stands(pair, folder))

    def departures(self, folder: str, removed: Removed, timeout: float) -> Watched:
        """A watch from now on that puts are left out of; nothing is read, for nobody is told of the past."""

        def tell(raw: bytes, revision: int) -> None:
            if not revision:
                removed(self._keys.key(raw) if raw else folder)

        below = self._keys.below(folder)
        return self._wire.watches.begin(replace(below, filters=(NOPUT,)), tell, timeout)

    def _folder(self, key: str) -> Place:
        return self._keys.below(f"{scope_of(key)}/")


def _stands(pair: Any, folder: Place) -> bool:
    """Whether it is a contender: on a session, and in the folder itself."""
    return bool(pair.lease) and b"/" not in pair.key[len(folder.key) :]


def _record(key: str, value: bytes, session: Session, answer: Any) -> Record:
    revision = answer.header.revision
    return Record(key, value, revision, revision, session.id, session.ttl, session.ttl)


def _nearest(folder: Place, latest: int = 0, limit: int = 1) -> Any:
    """The keys created last, or last of those up to the revision `latest`."""
    return _Range(
        key=folder.key,
        range_end=folder.end,
        max_create_revision=latest,
        sort_order=DESCEND,
        sort_target=BY_CREATION,
        limit=limit,
        keys_only=True,
    )
