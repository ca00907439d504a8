"""Who holds and who waits; breaking the one seen, asking politely; what tracers see (D14)."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from coordination.errors import ConfigurationError
from coordination.hold import Hold
from coordination.testing.recipes.base import Recipes
from coordination.testing.recipes.harness import NAME, RecipeHarness


class InspectCases(Recipes):
    """What others than the holder can see and do."""

    def test_holders_are_the_holder_and_those_who_wait(self, harness: RecipeHarness) -> None:
        """In their order, with what each has, or will have, for a token; the same for every connection."""
        one, two, three = harness.three()
        assert one.holders(NAME) == []
        hold = harness.acquired(one)
        waiters = [harness.waiting(harness.lock(manager)) for manager in (two, three)]
        for manager in (one, three):
            seen = manager.holders(NAME)
            assert [it.machine_id for it in seen] == ["m1", "m2", "m3"]
            assert [it.waiting for it in seen] == [False, True, True]
            tokens = [it.token for it in seen]
            assert tokens == sorted(set(tokens))
            assert tokens[0] == hold.token
        hold.release()
        following: Hold = waiters[0].answer()
        assert following.token == tokens[1]
        assert [it.token for it in one.holders(NAME)] == tokens[1:]

    def test_holders_say_who_and_where(self, harness: RecipeHarness) -> None:
        """Machine, host, process, since when by the wall clock, and what the lock was made with."""
        manager = harness.manager("build-7")
        begin = harness.clock.wall()
        hold = manager.lock(NAME, ttl=harness.ample, metadata={"job": "nightly"}).acquire()
        harness.let_pass(0.5)
        (seen,) = harness.manager().holders(NAME)
        assert (seen.name, seen.machine_id, seen.host) == (NAME, "build-7", socket.gethostname())
        assert (seen.pid, seen.metadata) == (os.getpid(), {"job": "nightly"})
        assert begin - 0.001 <= seen.since <= harness.clock.wall() - 0.4
        assert seen.age >= 0.4
        assert (seen.token, seen.waiting) == (hold.token, False)
        assert hold.metadata == {"job": "nightly"}

    def test_break_lock_breaks_only_the_holder_seen(self, harness: RecipeHarness) -> None:
        """Neither one that is gone, nor one that waits; the one seen is told, and the next one has it."""
        one, two, three = harness.three()
        old = harness.acquired(one, ttl=harness.long)  # On one session: that is what listens.
        assert old.release()
        hold = harness.acquired(one, ttl=harness.long)
        harness.listening()
        waiter = harness.waiting(harness.lock(two))
        tokens = [it.token for it in three.holders(NAME)]
        assert three.break_lock(NAME, old.token) is False
        assert three.break_lock(NAME, tokens[1]) is False
        assert three.break_lock("another name", hold.token) is False
        assert hold.held
        assert three.break_lock(NAME, hold.token) is True
        harness.eventually(lambda: not hold.held, "the holder is told", within=harness.told)
        assert hold.wait() == hold.lost == "broken"
        following: Hold = waiter.answer()
        assert following.token == tokens[1]
        assert three.break_lock(NAME, hold.token) is False
        assert following.release() is True

    def test_break_lock_wants_a_token(self, harness: RecipeHarness) -> None:
        """Nothing that could mean "whoever it is"."""
        manager = harness.manager()
        hold = harness.acquired(manager)
        never: list[Any] = [0, None, "", True, -1]
        for token in never:
            with pytest.raises(ConfigurationError):
                manager.break_lock(NAME, token)
        assert hold.held

    def test_request_release_reaches_the_holder(self, harness: RecipeHarness) -> None:
        """Its callback is called with the hold, and it is still held: the holder decides."""
        one, two = harness.managers()
        assert two.request_release(NAME) is False
        hold = harness.acquired(one, ttl=harness.long)
        harness.listening()
        asked: list[int] = []
        hold.on_release_requested(lambda it: asked.append(it.token))
        assert two.request_release(NAME) is True
        harness.eventually(lambda: asked == [hold.token], "the holder is asked", within=harness.told)
        assert hold.held
        late: list[int] = []
        hold.on_release_requested(lambda it: late.append(it.token))
        harness.eventually(lambda: late == [hold.token], "who comes later hears that somebody has asked")
        assert hold.release() is True
        assert two.request_release(NAME) is False

    def test_a_holder_who_is_asked_releases(self, harness: RecipeHarness) -> None:
        """From within the callback, and whoever waited has it; nothing is lost by that."""
        one, two = harness.managers()
        hold, other = harness.acquired(one), harness.acquired(one, "other")
        harness.listening()
        waiter = harness.waiting(harness.lock(two))
        hold.on_release_requested(lambda it: it.release())
        assert two.request_release(NAME) is True
        assert waiter.answer().held
        assert (hold.lost, hold.held, other.held) == (None, False, True)

    def test_d14_spans_with_a_tracer_none_without(self, harness: RecipeHarness) -> None:
        """D14: one for each acquire and each release, with name, token and outcome; no span, no tracer."""
        one, two = harness.managers()
        tracer = Tracer()
        lock = one.lock(NAME, ttl=harness.ample, tracer=tracer)
        hold = lock.acquire()
        assert harness.lock(two).try_acquire() is None
        assert one.lock(NAME, ttl=harness.ample, tracer=tracer).try_acquire() is None
        assert hold.release() is True
        name = {"coordination.lock.name": NAME}
        token = {**name, "coordination.lock.token": hold.token}
        assert tracer.spans == [
            ("coordination.lock.acquire", {**token, "coordination.lock.outcome": "acquired"}),
            ("coordination.lock.acquire", {**name, "coordination.lock.outcome": "held by another"}),
            ("coordination.lock.release", {**token, "coordination.lock.outcome": "released"}),
        ]
        with pytest.raises(ConfigurationError):
            one.lock(NAME, tracer="no tracer")


class Tracer:
    """As much of OpenTelemetry's as is used."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, dict[str, Any]]] = []
        self._mutex = threading.Lock()

    @contextmanager
    def start_as_current_span(self, name: str, attributes: Mapping[str, Any]) -> Iterator[_Span]:
        """Note it, in the order in which spans end."""
        span = _Span(attributes)
        try:
            yield span
        finally:
            with self._mutex:
                self.spans.append((name, span.attributes))


class _Span:
    def __init__(self, attributes: Mapping[str, Any]) -> None:
        self.attributes = dict(attributes)

    def set_attribute(self, name: str, value: Any) -> None:
        """Note it."""
        self.attributes[name] = value
