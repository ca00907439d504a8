"""Many renewals for the price of few transactions.

Consul applies a transaction whole or not at all, and tells of each operation why it failed. So what
failed is done alone, and the rest once more together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from coordination.clock import SystemClock
from coordination.errors import OutcomeUnknown, SessionLost, StoreError, StoreUnavailable
from coordination.record import Record, Session
from coordination.rows import rows
from coordination.store import Swap, Swapped
from coordination.stores.consul import steps
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.sessions import Sessions, known
from coordination.stores.consul.transactions import MOST_OPERATIONS, Outcome, Transactions
from coordination.threads import started
from coordination.timing import Deadline

MOST = MOST_OPERATIONS // 2
"""Swaps in one transaction."""

HEAVIEST = 256 * 1024
"""Bytes of values in one; in base64 and with the rest, Consul takes 512 KiB."""

LANES, FEW = 16, 4
"""Renewals under way at once, so that a slow way to Consul does not cost leases; not for a few of them."""

Alone = Callable[..., Record | None]
Noted = Callable[[Record], Record]


class Batches:
    """`alone` is the call for a single swap; `noted` is told of each record that was written."""

    def __init__(
        self, transactions: Transactions, sessions: Sessions, keys: Keys, alone: Alone, noted: Noted
    ) -> None:
        self._transactions = transactions
        self._sessions = sessions
        self._keys = keys
        self._alone = alone
        self._noted = noted

    def replace(self, swaps: Sequence[Swap], timeout: float) -> list[Swapped]:
        """Each answer in its place."""
        bound = Deadline(SystemClock(), timeout)
        answers: list[Swapped] = []
        for row in rows(swaps, MOST, HEAVIEST):
            answers.extend(self._row(row, bound, timeout))
        return answers

    def renew(self, sessions: Sequence[Session], timeout: float) -> list[Session | StoreError | None]:
        """A request for each, for Consul has none for several; over some connections side by side."""
        bound = Deadline(SystemClock(), timeout)
        late = OutcomeUnknown("Consul did not answer a renewal in time")
        answers: list[Session | StoreError | None] = [late] * len(sessions)
        places: SimpleQueue[int] = SimpleQueue()
        for place in range(len(sessions)):
            places.put(place)

        def work() -> None:
            while True:
                try:
                    place = places.get_nowait()
                except Empty:
                    return
                answers[place] = self._renewed(sessions[place], bound.left(timeout))

        workers = self._workers(work, min(LANES, len(sessions) // FEW) - 1)
        work()
        grace = Deadline(SystemClock(), bound.left(timeout) + 0.1)
        for worker in workers:
            worker.join(grace.left(timeout + 0.1))
        return list(answers)

    def _workers(self, work: Callable[[], None], number: int) -> list[threading.Thread]:
        workers = []
        for _ in range(number):
            try:
                workers.append(started(work, "coordination-consul-renewal"))
            except StoreUnavailable:
                break  # Fewer will do.
        return workers

    def _row(self, row: Sequence[Swap], bound: Deadline, timeout: float) -> list[Swapped]:
        together = [swap for swap in row if swap.index > 0 and known(swap.session.id)]
        answers: dict[str, Swapped] = {}
        for _ in range(2):
            if not together:
                break
            outcome = self._tried(together, bound.left(timeout))
            if not isinstance(outcome, Outcome):
                answers.update({swap.key: outcome for swap in together})
                break
            if outcome.applied:
                answers.update(self._written(together, outcome))
                break
            failed = {place // 2 for place in outcome.complaints}
            together = [swap for place, swap in enumerate(together) if place not in failed]
        return [
            answers[swap.key] if swap.key in answers else self._by_itself(swap, bound.left(timeout))
            for swap in row
        ]

    def _tried(self, row: Sequence[Swap], timeout: float) -> Outcome | StoreError | None:
        operations = [
            step
            for swap in row
            for step in steps.replace(
                self._keys.stored(swap.key), swap.value, swap.session.id, swap.index, None
            )
        ]
        try:
            return self._transactions.write(operations, timeout)
        except StoreError as error:
            return error

    def _written(self, row: Sequence[Swap], outcome: Outcome) -> dict[str, Swapped]:
        if len(outcome.entries) != 2 * len(row):
            unknown = OutcomeUnknown("Consul answers to other swaps than were asked for")
            return {swap.key: unknown for swap in row}
        written: dict[str, Swapped] = {}
        for swap, entry in zip(row, outcome.entries[1::2], strict=True):
            session = swap.session
            written[swap.key] = self._noted(
                Record(swap.key, swap.value, entry.created, entry.index, session.id, session.ttl)
            )
        return written

    def _by_itself(self, swap: Swap, timeout: float) -> Swapped:
        if timeout <= 0:
            return StoreUnavailable("no time was left to ask for it")
        try:
            return self._alone(swap.key, swap.value, swap.session, swap.index, timeout=timeout)
        except (StoreError, SessionLost) as error:
            return error

    def _renewed(self, session: Session, timeout: float) -> Session | StoreError | None:
        if timeout <= 0:
            return StoreUnavailable("no time was left to ask for it")
        try:
            return self._sessions.renew(session, timeout)
        except StoreError as error:
            return error
