"""Proving many records of one session in two requests, few of them mostly in one.

The first lists what hangs on the lease, as the leader knows it. The second looks, linearizably, at
whatever that list leaves in doubt and at some of the rest, others each time: a leader that was
replaced without noticing is found out. A transaction of comparisons alone would not do: etcd takes
one without a look in it for serializable, and answers from wherever it stands.

Where one transaction can look at all of them the list proves nothing that this does not. It is asked
for the first time and now and then all the same, to find what nobody knows to hang on the lease.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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

AUDIT = 10
"""Of the proofs that fit one transaction, so many go by before the list is asked for again."""

REMEMBERED = 256
"""Sessions of which it is kept whose turn it is; with one that is forgotten it begins again."""

_List = message("LeaseTimeToLiveRequest")
_Txn = message("TxnRequest")
_Op = message("RequestOp")
_Range = message("RangeRequest")


class _Round(NamedTuple):
    """How far the proofs of one session are: the last key whose turn it was, and how many they were."""

    last: str = ""
    proofs: int = 0


class Proving:
    """The part of the store that proves records. Safe for threads."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys
        self._rounds: OrderedDict[str, _Round] = OrderedDict()

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], timeout: float
    ) -> Proof:
        """Look at all of them, or have the list and then look until nothing is left in doubt."""
        lease, bound = lease_of(session), Deadline(SystemClock(), timeout)
        if not lease:
            return Proof(frozenset(expected), {})
        done = self._rounds.get(session.id, _Round())
        asked, listed, dead = {*expected, *doubtful}, set[str](), False
        if not done.proofs % AUDIT or not 0 < len(asked) <= MOST:
            hanging = self._connection.call(TIME_TO_LIVE, _List(ID=lease, keys=True), timeout)
            listed, dead = self._keys.ours(hanging.keys), hanging.TTL < 0
            turn = _turn(done.last, expected)
            asked = {*(expected.keys() - listed), *turn, *((listed | doubtful) - expected.keys())}
            done = _Round(turn[-1] if turn else "", done.proofs)
        there = {key: it for key, it in self._look([*asked], bound, timeout).items() if it.lease == lease}
        if dead and there:
            # Expired and not swept away yet, or denied by a leader that was replaced.
            raise StoreUnavailable("etcd: the lease counts as dead, and records still hang on it")
        self._remember(session.id, _Round(done.last, done.proofs + 1))
        gone = (key for key in asked if key in expected and not _as_created(there.get(key), expected[key]))
        strays = {key: pair.mod_revision for key, pair in there.items() if key not in expected}
        return Proof(frozenset(gone), strays)

    def forget(self, session: Session) -> None:
        """It is closed."""
        self._rounds.pop(session.id, None)

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

    def _remember(self, session: str, done: _Round) -> None:
        # Each step is atomic, so no lock is needed.
        self._rounds.pop(session, None)
        self._rounds[session] = done
        while len(self._rounds) > REMEMBERED:
            self._rounds.popitem(last=False)


def _turn(last: str, expected: Mapping[str, int]) -> list[str]:
    """The keys that follow those of the time before, in their own order, and from the first again."""
    turn = heapq.nsmallest(ROUND, (key for key in expected if key > last))
    rest = min(ROUND, len(expected)) - len(turn)
    return turn + heapq.nsmallest(rest, expected)


def _as_created(pair: Any, created: int) -> bool:
    return pair is not None and bool(pair.create_revision == created)
