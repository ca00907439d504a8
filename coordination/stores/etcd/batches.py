"""Many renewals for the price of few transactions.

etcd applies a transaction whole or not at all, but one inside another has a condition of its own:
so a row of independent ones travels as one request and costs one entry in the cluster's log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from coordination.clock import SystemClock
from coordination.errors import OutcomeUnknown, SessionLost, StoreError, StoreUnavailable
from coordination.record import Record
from coordination.rows import rows
from coordination.store import Swap
from coordination.stores.etcd import requests
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.keys import Keys
from coordination.stores.etcd.methods import TXN
from coordination.stores.etcd.requests import lease_of
from coordination.timing import Deadline

MOST = 64
"""Swaps in one request: etcd takes 128 operations, those inside others included."""

HEAVIEST = 512 * 1024
"""Bytes of values in one request; etcd takes 1.5 MiB."""

Swapped = Record | None | StoreError | SessionLost


class Batches:
    """Swaps in rows. `alone` is the call for a single one."""

    def __init__(self, connection: Connection, keys: Keys, alone: Callable[..., Record | None]) -> None:
        self._connection = connection
        self._keys = keys
        self._alone = alone

    def replace(self, swaps: Sequence[Swap], timeout: float) -> list[Swapped]:
        """Each answer in its place."""
        bound = Deadline(SystemClock(), timeout)
        answers: list[Swapped] = []
        for row in rows(swaps, MOST, HEAVIEST):
            answers.extend(self._row(row, bound, timeout))
        return answers

    def _row(self, row: Sequence[Swap], bound: Deadline, timeout: float) -> list[Swapped]:
        if any(swap.index < 1 or not lease_of(swap.session) for swap in row):
            return [self._by_itself(swap, bound, timeout) for swap in row]
        request = requests.together(
            [
                requests.replace(self._keys.raw(swap.key), swap.value, lease_of(swap.session), swap.index)
                for swap in row
            ]
        )
        try:
            answer = self._connection.call(TXN, request, bound.left(timeout))
        except (StoreUnavailable, OutcomeUnknown) as error:
            return [error] * len(row)
        except (StoreError, SessionLost):
            # One of them is refused, and so all are; which one, etcd does not say.
            return [self._by_itself(swap, bound, timeout) for swap in row]
        if len(answer.responses) != len(row):
            return [OutcomeUnknown("etcd: an answer to other swaps than were asked for")] * len(row)
        return [_answer(swap, one.response_txn) for swap, one in zip(row, answer.responses, strict=True)]

    def _by_itself(self, swap: Swap, bound: Deadline, timeout: float) -> Swapped:
        try:
            return self._alone(swap.key, swap.value, swap.session, swap.index, timeout=bound.left(timeout))
        except (StoreError, SessionLost) as error:
            return error


def _answer(swap: Swap, answer: Any) -> Swapped:
    try:
        return requests.replaced(swap.key, swap.value, swap.session, answer)
    except OutcomeUnknown as error:
        return error
