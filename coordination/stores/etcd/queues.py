"""Queues of contenders: entering one, looking who is ahead, hearing of everybody who leaves.

A folder's keys in the order of their creation are the queue. Each question is one transaction, so
what it says of the contender and of the others is true of one moment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coordination.contention import Removed, Standing
from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.record import Record, Session, scope_of
from coordination.stores.etcd.keys import Keys
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import LOOK, TXN
from coordination.stores.etcd.requests import lease_for
from coordination.stores.etcd.schema import BY_CREATION, CREATE, DESCEND, NOPUT
from coordination.stores.etcd.watched import Place, Watched
from coordination.stores.etcd.wire import Wire

FIRST = 2
"""The revision of the first write to an etcd; a bound below it would mean none."""

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
        """One transaction; with `alone` it is refused while the folder holds anything."""
        raw, folder = self._keys.raw(key), self._folder(key)
        free = _Compare(target=CREATE, key=raw, create_revision=0)
        if alone:  # True of every key in the range, so of none.
            free = _Compare(target=CREATE, key=folder.key, range_end=folder.end, create_revision=0)
        put = _Op(request_put=_Put(key=raw, value=value, lease=lease_for(session)))
        # The look comes before the put: whoever is there at that moment is ahead.
        steps = [put] if alone else [_Op(request_range=_nearest(folder)), put]
        answer = self._wire.connection.call(TXN, _Txn(compare=[free], success=steps), timeout)
        if not answer.succeeded:
            return None
        if len(answer.responses) != len(steps):
            raise OutcomeUnknown("etcd: a transaction was applied, and its answer does not say what it did")
        revision = answer.header.revision
        record = Record(key, value, revision, revision, session.id, session.ttl, session.ttl)
        return Standing(record, () if alone else self._found(answer.responses[0]))

    def standing(self, before: Standing, timeout: float) -> Standing | None:
        """One transaction that writes nothing; it is linearizable as no look in it is serializable."""
        key, created = before.record.key, before.record.created
        if created < FIRST:
            return None
        there = _Compare(target=CREATE, key=self._keys.raw(key), create_revision=created)
        look = _Op(request_range=_nearest(self._folder(key), created - 1))
        answer = self._wire.connection.call(LOOK, _Txn(compare=[there], success=[look]), timeout)
        if not answer.succeeded:
            return None
        if not answer.responses:
            raise StoreUnavailable("etcd: a transaction's answer does not say what it saw")
        return replace(before, ahead=self._found(answer.responses[0]))

    def departures(self, folder: str, removed: Removed, timeout: float) -> Watched:
        """A watch from now on that puts are left out of; nothing is read, for nobody is told of the past."""

        def tell(raw: bytes, revision: int) -> None:
            if not revision:
                removed(self._keys.key(raw) if raw else folder)

        below = self._keys.below(folder)
        return self._wire.watches.begin(replace(below, filters=(NOPUT,)), tell, timeout)

    def _folder(self, key: str) -> Place:
        return self._keys.below(f"{scope_of(key)}/")

    def _found(self, answer: Any) -> tuple[str, ...]:
        return tuple(self._keys.key(pair.key) for pair in answer.response_range.kvs)


def _nearest(folder: Place, latest: int = 0) -> Any:
    """The key created last, or last of those up to the revision `latest`."""
    return _Range(
        key=folder.key,
        range_end=folder.end,
        max_create_revision=latest,
        sort_order=DESCEND,
        sort_target=BY_CREATION,
        limit=1,
        keys_only=True,
    )
