"""Proving many records of one session in two requests.

The first lists what hangs on the lease, as the leader knows it. The second looks, linearizably, at
whatever that list leaves in doubt and at some of the rest, others each time: a leader that was
replaced without noticing is found out. A transaction of comparisons alone would not do: etcd takes
one without a look in it for serializable, and answers from wherever it stands.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from coordination.clock import SystemClock
from coordination.contention import Proof
from coordination.errors import StoreUnavailable
from coordination.record import Session
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.keys import Keys
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import LOOK, TIME_TO_LIVE
from coordination.stores.etcd.requests import lease_of
from coordination.timing import Deadline

ROUND = 64
"""Records that are looked at although nothing is in doubt; with fewer expected, it is all of them."""

MOST = 128
"""Looks in one transaction, by etcd's default."""

REMEMBERED = 256
"""Sessions whose turn is kept; with one that is forgotten the round begins again."""

_List = message("LeaseTimeToLiveRequest")
_Txn = message("TxnRequest")
_Op = message("RequestOp")
_Range = message("RangeRequest")


class Proving:
    """The part of the store that proves records. Safe for threads."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys
        self._last: OrderedDict[str, str] = OrderedDict()

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], timeout: float
    ) -> Proof:
        """The list, then one look at a time until nothing is left in doubt."""
        lease, bound = lease_of(session), Deadline(SystemClock(), timeout)
        if not lease:
            return Proof(frozenset(expected), {})
        hanging = self._connection.call(TIME_TO_LIVE, _List(ID=lease, keys=True), timeout)
        listed = self._keys.ours(hanging.keys)
        missing, others = expected.keys() - listed, (listed | doubtful) - expected.keys()
        turn = self._turn(session.id, expected)
        asked = list({*missing, *turn, *others})
        there = {key: pair for key, pair in self._look(asked, bound, timeout).items() if pair.lease == lease}
        if hanging.TTL < 0 and there:
            # Expired and not swept away yet, or denied by a leader that was replaced.
            raise StoreUnavailable("etcd: the lease counts as dead, and records still hang on it")
        self._remember(session.id, turn)
        gone = (key for key in asked if key in expected and not _as_created(there.get(key), expected[key]))
        return Proof(frozenset(gone), {key: there[key].mod_revision for key in others & there.keys()})

    def _look(self, keys: Sequence[str], bound: Deadline, timeout: float) -> dict[str, Any]:
        """Those of the keys that are there, with what etcd says of each."""
        found: dict[str, Any] = {}
        for start in range(0, len(keys), MOST):
            row = keys[start : start + MOST]
            looks = [_Op(request_range=_Range(key=self._keys.raw(key), keys_only=True)) for key in row]
            answer = self._connection.call(LOOK, _Txn(success=looks), bound.left(timeout))
            if len(answer.responses) != len(row):
                raise StoreUnavailable("etcd: an answer to other looks than were asked for")
            for key, one in zip(row, answer.responses, strict=True):
                found.update((key, pair) for pair in one.response_range.kvs)
        return found

    def _turn(self, session: str, expected: Mapping[str, int]) -> list[str]:
        """The keys that follow those of the time before, in their own order, and from the first again."""
        last = self._last.get(session, "")
        turn = heapq.nsmallest(ROUND, (key for key in expected if key > last))
        rest = min(ROUND, len(expected)) - len(turn)
        return turn + heapq.nsmallest(rest, expected)

    def _remember(self, session: str, turn: Sequence[str]) -> None:
        # Each step is atomic, so no lock is needed.
        self._last.pop(session, None)
        if turn:
            self._last[session] = turn[-1]
        while len(self._last) > REMEMBERED:
            self._last.popitem(last=False)


def _as_created(pair: Any, created: int) -> bool:
    return pair is not None and bool(pair.create_revision == created)
