"""Waiting for the lease in slices: what ends the wait, on a clock that only moves when told."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator

import pytest

from coordination.cli.supervise.inbox import Inbox
from coordination.cli.supervise.patience import SLICE, Interrupted, Waiting, wait_patiently
from coordination.cli.supervise.report import Report
from coordination.cli.waiting import FIRST_CONTACT
from coordination.errors import AcquireTimeout, OutcomeUnknown, PermissionDenied, StoreUnavailable
from coordination.testing import FakeClock


class Stub(Inbox):
    """An inbox without handlers: signals come from the test."""

    def __init__(self, signals: list[int]) -> None:
        self._signals = signals

    def take(self) -> int | None:
        return self._signals.pop(0) if self._signals else None


class Bench:
    """Runs the wait against a script of outcomes, each of which takes the time it was given."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.signals: list[int] = []
        self.slices: list[float] = []

    def wait(self, outcomes: Iterator[Exception | str], timeout: float | None, *, known: bool = False) -> str:
        def attempt(seconds: float) -> str:
            self.slices.append(seconds)
            self.clock.advance(seconds)
            outcome = next(outcomes)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        now = self.clock.now
        until = math.inf if timeout is None else now() + timeout
        waiting = Waiting(until, Stub(self.signals), Report("job", as_json=False), now, known)
        return wait_patiently(attempt, waiting)


def forever(make: Callable[[], Exception]) -> Iterator[Exception]:
    """The same failure again and again."""
    while True:
        yield make()


@pytest.fixture
def bench() -> Bench:
    """A fresh clock at 1000 s."""
    return Bench()


def test_answers_what_the_attempt_answers(bench: Bench) -> None:
    """However many slices it takes."""
    assert bench.wait(iter([AcquireTimeout(), AcquireTimeout(), "lease"]), None) == "lease"
    assert bench.slices == [SLICE] * 3


def test_timeout_is_kept_to_the_end(bench: Bench) -> None:
    """The last slice is what is left, and then the time-out is told."""
    with pytest.raises(AcquireTimeout):
        bench.wait(forever(AcquireTimeout), 1.2)
    assert bench.clock.now() == pytest.approx(1001.2)


def test_timeout_zero_is_one_try(bench: Bench) -> None:
    """0 means 0."""
    with pytest.raises(AcquireTimeout):
        bench.wait(forever(AcquireTimeout), 0.0)
    assert bench.slices == [0.0]


def test_signal_ends_it_between_two_slices(bench: Bench) -> None:
    """A signal that came while an attempt was under way is heard right after it."""
    bench.signals.append(signal.SIGTERM)
    with pytest.raises(Interrupted) as caught:
        bench.wait(iter(["never asked for"]), None)
    assert caught.value.signum == signal.SIGTERM
    assert bench.slices == []


@pytest.mark.parametrize("failure", [AcquireTimeout, StoreUnavailable, OutcomeUnknown])
def test_signal_goes_before_what_the_last_try_came_to(bench: Bench, failure: type[Exception]) -> None:
    """Who was told to end ends as told, though the time for waiting ran out during the same attempt."""

    def outcomes() -> Iterator[Exception]:
        bench.signals.append(signal.SIGTERM)
        yield failure()

    with pytest.raises(Interrupted):
        bench.wait(outcomes(), 0.0)


def test_store_that_never_answered_is_given_up(bench: Bench) -> None:
    """A wrong URL must not wait for ever, though no timeout was given."""
    with pytest.raises(StoreUnavailable):
        bench.wait(forever(StoreUnavailable), None)
    assert bench.clock.now() == pytest.approx(1000 + FIRST_CONTACT)


def test_store_that_answered_once_is_waited_for(bench: Bench) -> None:
    """A standby survives an outage of the store that is longer than its patience at the start."""
    failures = [StoreUnavailable() for _ in range(int(10 * FIRST_CONTACT / SLICE))]
    assert bench.wait(iter([AcquireTimeout(), *failures, "lease"]), None) == "lease"


def test_store_that_answered_an_earlier_wait_is_waited_for(bench: Bench) -> None:
    """A command that is begun anew survives an outage that it did not notice before."""
    failures = [StoreUnavailable() for _ in range(int(10 * FIRST_CONTACT / SLICE))]
    assert bench.wait(iter([*failures, "lease"]), None, known=True) == "lease"


def test_timeout_also_bounds_an_outage(bench: Bench) -> None:
    """With --timeout the store's own error is told when the time is over."""
    with pytest.raises(StoreUnavailable):
        bench.wait(iter([AcquireTimeout(), *(StoreUnavailable() for _ in range(100))]), 9.0)
    assert bench.clock.now() == pytest.approx(1009)


def test_refusal_is_told_at_once(bench: Bench) -> None:
    """Trying again does not help against a store that says no."""
    with pytest.raises(PermissionDenied):
        bench.wait(forever(PermissionDenied), None)
    assert len(bench.slices) == 1
