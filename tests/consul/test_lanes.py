"""Renewals of sessions side by side: a slow way to Consul costs no lease, and one failure nobody else's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import cast

import pytest

from coordination.errors import OutcomeUnknown, PermissionDenied, StoreError, StoreUnavailable
from coordination.record import Session
from coordination.stores.consul import batches
from coordination.stores.consul.batches import LANES, Batches
from coordination.stores.consul.history import History
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.sessions import Sessions
from coordination.stores.consul.transactions import Transactions
from tests.consul.polled import eventually
from tests.consul.scripted import ScriptedAgent, cluster, said

WORKER = "coordination-consul-renewal"


class Slow:
    """Stands for the sessions: each renewal takes `seconds`, or until `gate` is passed."""

    def __init__(self, seconds: float = 0.0, gate: Callable[[], object] = lambda: None) -> None:
        self.seconds = seconds
        self.gate = gate
        self.most = 0
        self.given: list[float] = []
        self.failures: dict[int, StoreError] = {}
        self._mutex = threading.Lock()
        self.under_way = 0
        on = cluster(ScriptedAgent(said("nobody asks")))
        alone = lambda *_, **__: None  # noqa: E731 - swaps are no part of this
        sessions = cast(Sessions, self)
        self.batches = Batches(Transactions(on, History()), sessions, Keys("p"), alone, lambda it: it)

    def renew(self, session: Session, timeout: float) -> Session:
        """As `Sessions` does."""
        with self._mutex:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            self.given.append(timeout)
        try:
            self.gate()
            time.sleep(self.seconds)
            failure = self.failures.get(int(session.id))
            if failure is not None:
                raise failure
            return Session(session.id, 20.0)
        finally:
            with self._mutex:
                self.under_way -= 1


def numbered(count: int) -> list[Session]:
    """As many sessions."""
    return [Session(str(number), 10.0) for number in range(count)]


def workers() -> list[threading.Thread]:
    """Those that run."""
    return [thread for thread in threading.enumerate() if thread.name == WORKER]


def test_four_hundred_on_a_slow_way() -> None:
    """20 ms each are 8 s one after the other; they have 4 s, and each answer is in its place."""
    slow = Slow(0.02)
    began = time.monotonic()
    answers = slow.batches.renew(numbered(400), 4.0)
    assert time.monotonic() - began < 4.0
    assert answers == [Session(str(number), 20.0) for number in range(400)]
    assert 1 < slow.most <= LANES
    assert workers() == []


def test_all_lanes_at_once() -> None:
    """As many are under way as there are lanes: none of them could go on otherwise."""
    together = threading.Barrier(LANES)
    slow = Slow(gate=lambda: together.wait(30.0))
    answers = slow.batches.renew(numbered(4 * LANES), 60.0)
    assert [type(answer) for answer in answers] == [Session] * 4 * LANES
    assert slow.most == LANES


@pytest.mark.parametrize("count", [1, 4, 7])
def test_a_few_take_no_thread(count: int) -> None:
    """They are renewed one after the other."""
    slow = Slow(0.001)
    assert len(slow.batches.renew(numbered(count), 5.0)) == count
    assert slow.most == 1


def test_failures_are_told_in_their_places() -> None:
    """Whichever lane they strike, the others' renewals are as they would be."""
    slow = Slow(0.001)
    denied, unknown = PermissionDenied("no"), OutcomeUnknown("who knows")
    slow.failures = {number: denied if number % 2 else unknown for number in range(0, 100, 7)}
    answers = slow.batches.renew(numbered(100), 10.0)
    for number, answer in enumerate(answers):
        expected = slow.failures.get(number, Session(str(number), 20.0))
        assert answer == expected, number


def test_without_threads_there_is_one_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are renewed all the same."""

    def none(_target: Callable[[], None], _name: str) -> threading.Thread:
        raise StoreUnavailable("no thread")

    monkeypatch.setattr(batches, "started", none)
    slow = Slow()
    assert [type(answer) for answer in slow.batches.renew(numbered(50), 10.0)] == [Session] * 50
    assert slow.most == 1


def test_lanes_that_hang_hold_nobody_up() -> None:
    """Those whose answer is not there in time are unknown; the others are what they are."""
    go = threading.Event()
    caller = threading.current_thread()

    def gate() -> None:
        if threading.current_thread() is not caller:
            go.wait(30.0)
        else:
            assert eventually(lambda: slow.under_way == LANES)

    slow = Slow(0.01, gate)
    began = time.monotonic()
    answers = slow.batches.renew(numbered(100), 3.0)
    took = time.monotonic() - began
    hung = workers()
    go.set()
    for thread in hung:
        thread.join(10.0)
    assert took < 3.0 + 4.0, "it is bounded as a whole, however many lanes hang"
    kinds = [type(answer) for answer in answers]
    assert kinds.count(OutcomeUnknown) == len(hung) == LANES - 1
    assert kinds.count(Session) > 10
    assert set(kinds) <= {Session, OutcomeUnknown, StoreUnavailable}


def test_no_more_time_than_there_is() -> None:
    """Each is given what is left, and what comes too late is not asked for."""
    slow = Slow(0.05)
    answers = slow.batches.renew(numbered(800), 1.0)
    assert max(slow.given) <= 1.0
    kinds = [type(answer) for answer in answers]
    unknown = kinds.count(OutcomeUnknown)  # Of lanes that a busy machine held up in the middle of one.
    assert unknown < LANES
    assert 0 < kinds.count(Session) <= len(slow.given) <= kinds.count(Session) + unknown
    assert kinds.count(StoreUnavailable) > 0
