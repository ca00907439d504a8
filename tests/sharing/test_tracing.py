"""Spans, and a tracer that fails: it costs nobody a lock, and leaves none behind."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import pytest

from coordination import AcquireTimeout, connect
from coordination.recipes.tracing import NAME, OUTCOME, TOKEN, span
from coordination.stores.memory import MemoryStore


class Tracer:
    """Of OpenTelemetry, as far as it is used; raises at the points named."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.attributes: dict[str, Any] = {}
        self.ended: list[type[BaseException] | None] = []
        self.names: list[str] = []

    def _at(self, point: str) -> None:
        if point in self.failing:
            raise RuntimeError(f"the tracer fails at {point}")

    def start_as_current_span(self, name: str, attributes: dict[str, Any]) -> Self:
        self._at("start")
        self.names.append(name)
        self.attributes.update(attributes)
        return self

    def __enter__(self) -> Self:
        self._at("enter")
        return self

    def set_attribute(self, name: str, value: Any) -> None:
        self._at(f"set {name}")
        self.attributes[name] = value

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ended.append(kind)
        self._at("exit")


POINTS = ["start", "enter", f"set {TOKEN}", f"set {OUTCOME}", "exit"]


@pytest.mark.parametrize("point", POINTS)
def test_breaker_3_a_tracer_that_raises_strands_no_lock(point: str) -> None:
    """It raised after the acquisition, and the record was held for ever without an owner."""
    tracer = Tracer(point)
    with connect(MemoryStore()) as manager:
        lock = manager.lock("a", tracer=tracer)
        hold = lock.acquire()
        assert hold.held
        assert lock.try_acquire() is None
        with pytest.raises(AcquireTimeout):
            lock.acquire(timeout=0)
        assert hold.release() is True
        assert hold.released is not None
        assert [it.token for it in manager.holders("a")] == []
    assert tracer.ended.count(None) == (0 if point in {"start", "enter"} else 3)


def test_a_span_says_what_came_of_it() -> None:
    """The lock, the token, and how it ended; an error by its type."""
    tracer = Tracer()
    with span(tracer, "acquire", "a") as note:
        note(TOKEN, 7)
    assert (tracer.names, tracer.attributes) == (["coordination.lock.acquire"], {NAME: "a", TOKEN: 7})
    with pytest.raises(KeyError), span(tracer, "acquire", "a"):
        raise KeyError("k")
    assert tracer.attributes[OUTCOME] == "KeyError"
    assert tracer.ended == [None, KeyError]


@pytest.mark.parametrize("point", POINTS)
def test_the_error_of_the_block_is_the_one_that_counts(point: str) -> None:
    """What the tracer raises meanwhile is dropped."""
    with pytest.raises(KeyError, match="ours"), span(Tracer(point), "acquire", "a") as note:
        note(TOKEN, 7)
        raise KeyError("ours")


def test_without_a_tracer_there_is_nothing() -> None:
    """The same block runs without a span."""
    with span(None, "acquire", "a") as note:
        note(TOKEN, 7)
        ran = True
    assert ran


def test_outcomes_of_tries_and_releases() -> None:
    """Acquired, held by another, released, and released before."""
    tracer = Tracer()
    with connect(MemoryStore()) as manager:
        lock = manager.lock("a", tracer=tracer)
        outcomes = []
        hold = lock.try_acquire()
        outcomes.append(tracer.attributes[OUTCOME])
        assert hold is not None
        assert tracer.attributes[TOKEN] == hold.token
        assert lock.try_acquire() is None
        outcomes.append(tracer.attributes[OUTCOME])
        for _ in range(2):
            hold.release()
            outcomes.append(tracer.attributes[OUTCOME])
        lock.acquire()
        outcomes.append(tracer.attributes[OUTCOME])
    assert outcomes == ["acquired", "held by another", "released", "released before", "acquired"]
