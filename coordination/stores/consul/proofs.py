"""Proving many records of one session in few requests.

A transaction checks 64 records, sends no values, and names each that is not as it was. Of more
records than a few transactions take, their keys are listed instead, and 64 are checked in turn: keys
of contenders are never used twice, so what is there is what was created.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any

from coordination.clock import SystemClock
from coordination.contention import Proof
from coordination.record import Session
from coordination.stores.consul.answers import names
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.failures import AnswerTooLarge
from coordination.stores.consul.keys import Keys, branch_of, path_of
from coordination.stores.consul.message import LARGE, Request
from coordination.stores.consul.reading import Reading
from coordination.stores.consul.seen import Seen
from coordination.stores.consul.sessions import Sessions, known
from coordination.stores.consul.transactions import MOST_OPERATIONS, Operation, Transactions, operation
from coordination.timing import Deadline

FEW = 3 * MOST_OPERATIONS
"""Records of one kind that are all checked each time."""

LEAST = MOST_OPERATIONS // 4
"""Records checked in turn, at least."""

ROTATIONS = 64
"""Sessions of which it is known whose turn is next."""

Found = list[str]


class Proving:
    """Of one store."""

    def __init__(
        self,
        cluster: Cluster,
        transactions: Transactions,
        sessions: Sessions,
        reading: Reading,
        keys: Keys,
        seen: Seen,
    ) -> None:
        self._cluster = cluster
        self._transactions = transactions
        self._sessions = sessions
        self._reading = reading
        self._keys = keys
        self._seen = seen
        self._turns: OrderedDict[str, str] = OrderedDict()
        """By session: the key that was checked last in turn."""

    def prove(
        self, session: Session, expected: Mapping[str, int], doubtful: frozenset[str], timeout: float
    ) -> Proof:
        """One transaction for each 64 records of up to 192; two requests for a thousand in one kind."""
        everything = Proof(frozenset(expected), {})
        if not known(session.id):
            return everything
        bound = Deadline(SystemClock(), timeout)
        wanted = doubtful.difference(expected)
        few, many = _by_number(expected)
        absent, present = self._listed(many, bound, timeout)
        if len(absent) > MOST_OPERATIONS and self._ended(session, expected, absent, bound, timeout):
            return everything
        due = [*few, *absent]
        due += self._in_turn(session, present, -(len(due) + len(wanted)) % MOST_OPERATIONS)
        suspects = self._suspects(session, {key: expected[key] for key in due}, wanted, bound, timeout)
        return self._settled(session, expected, suspects, bound, timeout)

    def _listed(self, kinds: Mapping[str, list[str]], bound: Deadline, timeout: float) -> tuple[Found, Found]:
        """Which of these keys are not there, and which are; none is where there are too many to list."""
        absent: Found = []
        present: Found = []
        for kind, keys in kinds.items():
            there = self._names(self._keys.folder(kind), bound.left(timeout))
            for key in keys:
                (present if self._keys.stored(key) in there else absent).append(key)
        return absent, present

    def _names(self, folder: str, timeout: float) -> frozenset[str]:
        request = Request("GET", path_of(folder), "keys&consistent", limit=LARGE)
        try:
            return frozenset(self._cluster.ask(request, lambda it: names(it, folder), timeout, (200, 404)))
        except AnswerTooLarge:
            return frozenset()  # Others have so many: each of ours is checked.

    def _ended(
        self, session: Session, expected: Mapping[str, int], absent: Found, bound: Deadline, timeout: float
    ) -> bool:
        """Whether it took them all with it. Anybody may say that nothing is there: some are looked at."""
        some = absent[:MOST_OPERATIONS]
        if len(self._settled(session, expected, some, bound, timeout).gone) < len(some):
            return False
        return not self._sessions.lives(session, bound.left(timeout))

    def _in_turn(self, session: Session, present: Found, room: int) -> Found:
        """As many as a transaction has room for; those that were checked longest ago."""
        if not present:
            return present
        room += 0 if room >= LEAST else MOST_OPERATIONS
        last = self._turns.pop(session.id, "")
        keys = sorted(present)
        begin = bisect_right(keys, last)
        turn = [*keys[begin:], *keys[:begin]][:room]
        self._turns[session.id] = turn[-1]
        if len(self._turns) > ROTATIONS:
            self._turns.popitem(last=False)
        return turn

    def _suspects(
        self,
        session: Session,
        due: Mapping[str, int],
        doubtful: Collection[str],
        bound: Deadline,
        timeout: float,
    ) -> Found:
        """Those that are not as they should be: as this store last saw them, or not there at all."""
        beliefs = {key: self._seen.index_on(key, created, session.id) for key, created in due.items()}
        suspects: Found = [key for key, index in beliefs.items() if index is None]
        checks = [
            *((key, self._check("check-index", key, Index=index)) for key, index in beliefs.items() if index),
            *((key, self._check("check-not-exists", key)) for key in doubtful),
        ]
        for begin in range(0, len(checks), MOST_OPERATIONS):
            row = checks[begin : begin + MOST_OPERATIONS]
            outcome = self._transactions.read([check for _, check in row], bound.left(timeout))
            suspects += [key for place, (key, _) in enumerate(row) if place in outcome.complaints]
        return suspects

    def _check(self, verb: str, key: str, **fields: Any) -> Operation:
        return operation(verb, self._keys.stored(key), **fields)

    def _settled(
        self,
        session: Session,
        expected: Mapping[str, int],
        suspects: Found,
        bound: Deadline,
        timeout: float,
    ) -> Proof:
        """Look at the suspects themselves: a record of ours may have been rewritten, and still be ours."""
        stored = [self._keys.stored(key) for key in suspects]
        entries = self._reading.those(stored, bound, timeout)
        records = [self._seen.note(entry.record(self._keys)) for entry in entries]
        ours = {record.key: record for record in records if record.session == session.id}
        gone = [
            key
            for key in suspects
            if key in expected and (key not in ours or ours[key].created != expected[key])
        ]
        return Proof(frozenset(gone), {key: it.index for key, it in ours.items() if key not in expected})


def _by_number(expected: Mapping[str, int]) -> tuple[Found, dict[str, Found]]:
    """Those that are checked each time, and by kind those of which there are too many for that."""
    kinds: dict[str, Found] = {}
    for key in expected:
        kinds.setdefault(branch_of(key), []).append(key)
    few = [key for keys in kinds.values() if len(keys) <= FEW for key in keys]
    return few, {kind: keys for kind, keys in kinds.items() if len(keys) > FEW}
