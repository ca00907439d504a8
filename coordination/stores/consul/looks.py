"""Looking, linearizably, whether what is watched is still as we believe.

Consul checks up to 64 beliefs in one transaction, sends no values for it, and names every wrong one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping

from coordination.clock import Clock
from coordination.errors import PermissionDenied
from coordination.stores.consul.transactions import MOST_OPERATIONS, Operation, Transactions, operation
from coordination.stores.consul.watched import Watched
from coordination.timing import Deadline

ROUNDS = 4
"""Requests for one look; three do unless the keys come and go meanwhile."""

PATIENCE = 10.0
"""Seconds for a look that nobody waits for."""

Beliefs = Mapping[str, int | None]
"""By stored key: the index of the record, 0 if there is none, None if nothing is believed."""


class Looks:
    """Safe for threads. `mutex` guards what is watched."""

    def __init__(self, clock: Clock, transactions: Transactions, mutex: threading.RLock) -> None:
        self._clock = clock
        self._transactions = transactions
        self._mutex = mutex

    def look(
        self, watched: Collection[Watched], timeout: float, spend: Callable[[], None] = lambda: None
    ) -> list[Watched]:
        """Find out, and tell; at most 64 keys. Answers those that are settled by it.

        `spend` is called for each request.
        """
        with self._mutex:
            before = [(one, one.looks, one.index) for one in watched]
        now = self.indexes({one.stored: index for one, _, index in before}, timeout, spend)
        with self._mutex:
            current = [one for one, looks, _ in before if one.looks == looks and one.stored in now]
            told = [(one, one.found(now[one.stored]), now[one.stored]) for one in current]
        for one, watchings, index in told:
            one.tell(watchings, index)
        return current

    def indexes(
        self, beliefs: Beliefs, timeout: float, spend: Callable[[], None] = lambda: None
    ) -> dict[str, int]:
        """The index of each key now, 0 for none; without those that never keep still."""
        bound = Deadline(self._clock, timeout)
        left, now = dict(beliefs), dict[str, int]()
        for _ in range(ROUNDS):
            if not left:
                break
            spend()
            keys = list(left)[:MOST_OPERATIONS]
            outcome = self._transactions.read([_asking(key, left[key]) for key in keys], bound.left(timeout))
            there = {entry.key: entry.index for entry in outcome.entries}
            for place, key in enumerate(keys):
                belief, wrong = left[key], place in outcome.complaints
                if belief is None and wrong:
                    now[key] = 0
                elif belief is None and outcome.applied:
                    now[key] = _shown(there, key)
                elif belief is not None and not wrong:
                    now[key] = belief
                else:
                    left[key] = None
                    continue
                del left[key]
        return now


def _asking(key: str, belief: int | None) -> Operation:
    if belief is None:
        return operation("get", key)
    return operation("check-index", key, Index=belief) if belief else operation("check-not-exists", key)


def _shown(there: Mapping[str, int], key: str) -> int:
    """Consul leaves out what the ACL token may not read."""
    if key not in there:
        raise PermissionDenied(f"Consul does not let the ACL token read {key!r}")
    return there[key]
