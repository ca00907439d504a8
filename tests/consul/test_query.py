"""One blocking query: which index it asks with, how long, and how it ends."""

from __future__ import annotations

import threading
from typing import cast
from urllib.parse import parse_qs

import pytest

from coordination.clock import SystemClock
from coordination.errors import StoreError, StoreUnavailable
from coordination.stores.consul.lines import Line
from coordination.stores.consul.message import Answer, Failed
from coordination.stores.consul.pace import Pace
from coordination.stores.consul.query import THREAD, Query, following
from tests.consul.polled import PATIENCE


class ScriptedLine:
    """Gives these answers, then waits until it is closed. It keeps what it was asked."""

    def __init__(self, *answers: int | StoreError) -> None:
        self._answers = list(answers)
        self._closed = threading.Event()
        self.exhausted = threading.Event()
        self.asked: list[dict[str, str]] = []
        self.timeouts: list[float] = []

    def get(self, path: str, query: str, timeout: float) -> Answer:
        assert path == "/v1/kv/a"
        self.asked.append({name: values[0] for name, values in parse_qs(query).items()})
        self.timeouts.append(timeout)
        if not self._answers:
            self.exhausted.set()
            assert self._closed.wait(PATIENCE)
            raise StoreUnavailable("closed")
        given = self._answers.pop(0)
        if isinstance(given, StoreError):
            raise given
        return Answer(200, given, b"")

    def close(self) -> None:
        self._closed.set()


class Hasty(Pace):
    """Without pauses: what is asked matters here, not when."""

    def __init__(self) -> None:
        super().__init__(1000, lambda: 1000.0)

    def answered(self, index: int, took: float) -> float:
        """Go on."""
        return 0.0 * (index + took)

    def failed(self, *, refused: bool) -> float:
        """Go on."""
        return 0.0 * refused


class Taken:
    """Takes in answers; the first few it cannot make sense of."""

    def __init__(self, failing: int = 0) -> None:
        self.indexes: list[int] = []
        self._failing = failing

    def __call__(self, answer: Answer) -> None:
        if self._failing:
            self._failing -= 1
            raise Failed("nonsense", sent=True)
        self.indexes.append(answer.index)


def run(line: ScriptedLine, taken: Taken, start: int) -> None:
    """Until the script is over."""
    query = Query(SystemClock(), cast(Line, line), lambda: ("/v1/kv/a", "keys"), Hasty(), taken)
    query.start(start)
    assert line.exhausted.wait(PATIENCE)
    query.close()
    query.join(PATIENCE)
    assert THREAD not in {thread.name for thread in threading.enumerate()}


def indexes(line: ScriptedLine) -> list[str | None]:
    """What it was asked with."""
    return [asked.get("index") for asked in line.asked]


@pytest.mark.parametrize(
    ("last", "answered", "sent"),
    [(7, 9, 9), (7, 7, 7), (7, 3, 0), (7, 0, 0), (0, 0, 1), (1, 0, 1), (0, 5, 5)],
)
def test_the_rules_of_the_field(last: int, answered: int, sent: int) -> None:
    """Pitfall 43: reset when it goes back, and never below 1."""
    assert following(last, answered) == sent


def test_it_goes_on_from_each_answer() -> None:
    """From the index it is given at first; after one that went back, it asks what is there now."""
    line, taken = ScriptedLine(9, 9, 3, 4), Taken()
    run(line, taken, 7)
    assert indexes(line) == ["7", "9", "9", None, "4"]
    assert taken.indexes == [9, 9, 3, 4]


def test_a_query_without_an_index_does_not_wait() -> None:
    """Nothing is known, so what is there now is asked for."""
    line = ScriptedLine(9)
    run(line, Taken(), 0)
    assert line.asked[0] == {"keys": ""} or "index" not in line.asked[0]
    assert "wait" not in line.asked[0]
    assert "wait" in line.asked[1]


def test_a_failure_loses_nothing() -> None:
    """After a lost connection it asks from its old index: whatever happened meanwhile is answered."""
    line, taken = ScriptedLine(9, StoreUnavailable("gone"), StoreUnavailable("gone"), 12), Taken()
    run(line, taken, 7)
    assert indexes(line) == ["7", "9", "9", "9", "12"]
    assert taken.indexes == [9, 12]


def test_an_answer_that_was_not_taken_in_is_asked_for_again() -> None:
    """The index moves only with what was understood."""
    line, taken = ScriptedLine(9, 9), Taken(failing=1)
    run(line, taken, 7)
    assert indexes(line) == ["7", "7", "9"]
    assert taken.indexes == [9]


def test_how_long_it_waits() -> None:
    """At most half a minute, never twice the same, and the socket waits longer than the server may."""
    line = ScriptedLine(*range(8, 40))
    run(line, Taken(), 7)
    waits = [int(asked["wait"].removesuffix("ms")) / 1000 for asked in line.asked]
    assert 20 < min(waits) < max(waits) <= 30
    assert len(set(waits)) > 20
    assert all(timeout >= wait * 17 / 16 + 4.9 for wait, timeout in zip(waits, line.timeouts, strict=True))
    assert max(line.timeouts) <= 37


def test_it_ends_while_it_waits() -> None:
    """Closing interrupts the poll; twice is no error, nor from before it began."""
    line = ScriptedLine()
    query = Query(SystemClock(), cast(Line, line), lambda: ("/v1/kv/a", "keys"), Hasty(), Taken())
    query.start(7)
    assert line.exhausted.wait(PATIENCE)
    query.close()
    query.close()
    query.join(PATIENCE)
    assert THREAD not in {thread.name for thread in threading.enumerate()}
    assert len(line.asked) == 1
