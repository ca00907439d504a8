"""How often a query is asked: at once when something happened, hardly ever by a server that plays games."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from coordination.clock import Waitable
from coordination.errors import CoordinationError, PermissionDenied, StoreUnavailable
from coordination.stores.consul.lines import Line
from coordination.stores.consul.message import Answer
from coordination.stores.consul.pace import LONGEST_PAUSE, Pace
from coordination.stores.consul.query import Query
from coordination.stores.consul.single import Single
from coordination.stores.consul.watched import Watched

Given = Callable[[], Answer | CoordinationError]


class SkippingClock:
    """Time passes by waiting alone, and no real time at all. At the end of its time it calls `end`."""

    def __init__(self, seconds: float) -> None:
        self._now = 0.0
        self._seconds = seconds
        self.end: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds
        if self._now >= self._seconds:
            self.end()

    def wait(self, event: Waitable, timeout: float | None) -> bool:
        self.sleep(timeout or 0.0)
        return event.is_set()


class Server:
    """Answers every poll after `takes` seconds, and counts them."""

    def __init__(self, clock: SkippingClock, given: Given, takes: float) -> None:
        self._clock = clock
        self._given = given
        self._takes = takes
        self.asked_at: list[float] = []

    def get(self, _path: str, _query: str, _timeout: float) -> Answer:
        self.asked_at.append(self._clock.now())
        assert len(self.asked_at) < 10_000, "asked without end"
        self._clock.sleep(self._takes)
        given = self._given()
        if isinstance(given, CoordinationError):
            raise given
        return given

    def close(self) -> None:
        pass


def asked(given: Given, seconds: float = 10.0, takes: float = 0.001, rate: float = 5.0) -> list[float]:
    """When a query for a key last seen at index 7 is sent to such a server, within so many seconds."""
    clock = SkippingClock(seconds)
    server = Server(clock, given, takes)
    single = Single(Watched("n/leases/a", "p/n/leases/a"), lambda: None, threading.RLock())
    query = Query(clock, cast(Line, server), single.asking, Pace(10, lambda: rate), single.take)
    clock.end = query.close
    query.start(7)
    query.join(30.0)
    assert clock.now() >= seconds, "the query ended before its time"
    return server.asked_at


def answer(index: int, body: bytes | None = None) -> Answer:
    """A key at this index, or any body."""
    fields = [{"Key": "p/n/leases/a", "ModifyIndex": max(index, 1), "CreateIndex": 1, "Value": None}]
    return Answer(200, index, json.dumps(fields).encode() if body is None else body)


def turns(*indexes: int) -> Given:
    """These indexes, again and again."""
    order: Iterator[int] = itertools.cycle(indexes)
    return lambda: answer(next(order))


@pytest.mark.parametrize(
    "indexes", [(0,), (7,), (3,), (8, 8), (5, 3), (9, 0), (0, 5, 3), tuple(range(9, 0, -1)), (8, 9, 10, 1)]
)
def test_a_hostile_server_is_asked_ten_times_in_ten_seconds(indexes: tuple[int, ...]) -> None:
    """Pitfall 43: an index that is 0, stays, or goes back, at once, is no reason to come back at once."""
    assert 3 <= len(asked(turns(*indexes))) <= 10


def test_a_hostile_server_is_left_alone_more_and_more() -> None:
    """In ten minutes it is asked some thirty times."""
    assert len(asked(turns(5, 3), seconds=600.0)) <= 30


@pytest.mark.parametrize("body", [b"", b"[", b"[[]]", b"{}", b"null", b'[{"Key": 5}]'])
def test_nonsense_is_a_failure(body: bytes) -> None:
    """An index that rises does not help who sends nothing that makes sense."""
    indexes = itertools.count(8)
    assert 3 <= len(asked(lambda: answer(next(indexes), body))) <= 10


def test_failures_are_retried_later_and_later() -> None:
    """The first time soon, for another agent may serve us; then within seconds."""
    times = asked(lambda: StoreUnavailable("down"), seconds=60.0)
    assert times[1] - times[0] <= 0.2
    assert 10 <= len(times) <= 30
    assert max(after - before for before, after in itertools.pairwise(times)) <= 5.1


def test_a_refusal_is_not_stormed() -> None:
    """Acceptance 43: at most three tries in five seconds."""
    times = asked(lambda: PermissionDenied("no"), seconds=200.0)
    assert sum(at <= 5.0 for at in times) <= 3
    assert max(after - before for before, after in itertools.pairwise(times)) <= 1.3 * LONGEST_PAUSE


def test_news_is_fetched_at_once() -> None:
    """A handful of changes in a row wait for nothing."""
    indexes = itertools.count(8)
    assert len(asked(lambda: answer(next(indexes)), seconds=0.02)) >= 10


def test_endless_news_is_rationed() -> None:
    """A key that changes all the time costs what the bucket gives."""
    indexes = itertools.count(8)
    assert 55 <= len(asked(lambda: answer(next(indexes)))) <= 61


def test_answers_that_were_waited_for_cost_nothing() -> None:
    """After a wait in which nothing happened the index is the old one, and that is as it should be."""
    times = asked(turns(7), seconds=300.0, takes=28.0)
    assert [round(after - before, 3) for before, after in itertools.pairwise(times)] == [28.0] * (
        len(times) - 1
    )


def test_a_restored_datacenter_is_believed_again() -> None:
    """Its lower index counts once an answer was waited for; from then on news is fetched at once."""
    pace = Pace(10, lambda: 5.0)
    pace.begin(1000)
    assert pace.answered(20, 0.01) >= 1.0
    assert pace.answered(20, 25.0) == 0.0
    assert pace.answered(21, 0.01) == 0.0
