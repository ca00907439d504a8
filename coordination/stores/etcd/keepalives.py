"""Keeping sessions alive: all of them over one stream.

etcd answers the requests of a stream in their order, and an answer says no more than the lease's id.
So every request stays in line until its own answer came, also when nobody waits for it any more: an
answer to an earlier request must never pass for one to a later request, whose caller would count
its ttl from too late a moment.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Sequence

from coordination.clock import Clock
from coordination.errors import OutcomeUnknown, StoreError, StoreRefused, StoreUnavailable
from coordination.stores.etcd.connection import SUSPICIOUS, Connection
from coordination.stores.etcd.failures import Failure, Kind
from coordination.stores.etcd.link import CallFailed
from coordination.stores.etcd.methods import KEEP_ALIVE, Effect
from coordination.stores.etcd.streaming import Stream
from coordination.threads import started
from coordination.timing import Deadline

PATIENCE = 60.0
"""Seconds that opening the stream may take where the caller sets no bound."""

TRIES = 3
"""Streams that one call tries: the one that is open may have died long ago."""

Answer = int | StoreError
"""The ttl that etcd gives the lease from here on, 0 or less for a dead one; or why nobody knows."""


class Batch:
    """The requests of one call on one stream."""

    def __init__(self, size: int) -> None:
        self.answers: list[Answer] = [OutcomeUnknown("etcd: no answer to a keepalive in time")] * size
        self.done = threading.Event()
        self._left = size

    def answer(self, place: int, answer: Answer) -> None:
        """One of them is answered."""
        self.answers[place] = answer
        self._left -= 1
        if not self._left:
            self.done.set()


class Line:
    """One stream, and those who stand in line for its answers."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.answered = 0
        self.failure: Failure | None = None
        self._mutex = threading.RLock()  # A signal handler may renew on the very thread that is asking.
        self._waiting: deque[tuple[int, Batch, int]] = deque()

    def ask(self, leases: Sequence[int]) -> Batch:
        """Send a request for each."""
        batch = Batch(len(leases))
        with self._mutex:  # So that the line is in the order of the requests.
            if self.failure is None:
                for place, lease in enumerate(leases):
                    self._waiting.append((lease, batch, place))
                    self.stream.outbox.put(ID=lease)
                return batch
        self._refuse((batch, place) for place in range(len(leases)))
        return batch

    def run(self) -> None:
        """Read answers until the stream ends; then tell everybody in line."""
        try:
            while True:
                self._read()
        except CallFailed as failed:
            failure = failed.failure
        with self._mutex:
            self.failure = failure
            waiting, self._waiting = self._waiting, deque()
        self.stream.failed(failure)
        self._refuse((batch, place) for _, batch, place in waiting)

    def _read(self) -> None:
        answer = self.stream.read()
        if not self._waiting or self._waiting[0][0] != answer.ID:
            text = f"etcd at {self.stream.link.endpoint} answers for a lease that was not asked for"
            raise CallFailed(Failure(Kind.UNSENT, text))
        _, batch, place = self._waiting.popleft()
        self.answered += 1
        batch.answer(place, answer.TTL)

    def _refuse(self, waiting: Iterable[tuple[Batch, int]]) -> None:
        """A renewal that was applied and not answered does no harm: as for a read, nobody has to know."""
        assert self.failure is not None  # noqa: S101 - set before anybody is refused
        error = self.failure.raised(Effect.NONE)
        for batch, place in waiting:
            batch.answer(place, error if isinstance(error, StoreError) else StoreRefused(str(error)))


class Keepalives:
    """The stream, opened on demand and again after its loss."""

    def __init__(self, clock: Clock, connection: Connection) -> None:
        self._clock = clock
        self._connection = connection
        self._opening = threading.Lock()
        self._line: Line | None = None

    def renew(self, leases: Sequence[int], timeout: float) -> list[Answer]:
        """Renew each of them, in one go; the answers in their order. `timeout` seconds for all."""
        self._connection.pool.demand_home()
        bound = Deadline(self._clock, timeout)
        answers: list[Answer] = [StoreUnavailable("etcd: no time left to ask")] * len(leases)
        unclear = list(range(len(leases)))
        for attempt in range(TRIES):
            if not unclear or bound.passed:
                break
            try:
                line = self._opened(bound)
            except StoreError as error:
                for place in unclear:
                    answers[place] = error
                break
            silence = bound.left(timeout) / (1 if attempt else 2)
            batch = self._asked(line, [leases[place] for place in unclear], bound, silence)
            for place, answer in zip(unclear, list(batch.answers), strict=True):
                answers[place] = answer
            unclear = [
                place for place in unclear if isinstance(answers[place], (StoreUnavailable, OutcomeUnknown))
            ]
        return answers

    def close(self) -> None:
        """End the stream, and with it its threads."""
        line, self._line = self._line, None
        if line is not None:
            line.stream.end()

    def _asked(self, line: Line, leases: Sequence[int], bound: Deadline, silence: float) -> Batch:
        """Wait as long as anything is answered; who says nothing for `silence` seconds is given up."""
        before = line.answered
        batch = line.ask(leases)
        while not batch.done.wait(bound.left(silence)) and not bound.passed and line.answered != before:
            before = line.answered
        if not batch.done.is_set() and line.answered == before and silence >= SUSPICIOUS / 2:
            line.stream.abandon()
        return batch

    def _opened(self, bound: Deadline) -> Line:
        if not self._opening.acquire(timeout=bound.left(PATIENCE)):
            raise StoreUnavailable("etcd: still opening the stream of keepalives")
        try:
            if self._line is None or self._line.failure is not None:
                self._line = None
                line = Line(Stream(self._connection, KEEP_ALIVE, bound.left(PATIENCE)))
                try:
                    started(line.run, "coordination-etcd-keepalives")
                except StoreUnavailable:
                    line.stream.end()  # Nobody would read it; the next call opens another.
                    raise
                self._line = line
            return self._line
        finally:
            self._opening.release()
