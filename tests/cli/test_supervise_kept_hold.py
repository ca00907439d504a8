"""A hold as the supervisor sees it: its end is a point on a clock that is never too late."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.cli.supervise.locking import NOISE, KeptHold
from coordination.errors import OutcomeUnknown
from coordination.testing import FakeClock
from coordination.timing import margin

TTL = 12.0


class Believed:
    """A hold that is believed until a point on a clock."""

    name, token, lost = "job", 5, None

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.until = clock.now() + TTL - margin(TTL)
        self.released: float | None = None

    @property
    def remaining(self) -> float:
        return max(0.0, self.until - self._clock.now())

    def release(self) -> bool:
        return True


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def believed(clock: FakeClock) -> Any:
    return Believed(clock)


def test_the_deadline_is_a_point_on_the_clock(clock: FakeClock, believed: Any) -> None:
    """It stands still while time passes, moves with a confirmed beat, and stays when belief is over."""
    kept = KeptHold(believed, TTL, clock.now)
    first = kept.deadline
    assert first == pytest.approx(believed.until + margin(TTL), abs=NOISE)
    for _ in range(10):
        clock.advance(0.1)
        assert kept.deadline == first
    believed.until += 3.0
    assert kept.deadline == pytest.approx(first + 3.0, abs=2 * NOISE)
    moved = kept.deadline
    clock.advance(2 * TTL)
    assert kept.deadline == moved < clock.now()


def test_the_deadline_is_never_late(clock: FakeClock, believed: Any) -> None:
    """A process that is delayed between its two looks at the clock counts too little, and soon better."""
    looks = iter([0.0, 2.0, 0.0, 0.0])

    def now() -> float:
        """Before the delay."""
        before = clock.now()
        clock.advance(next(looks))
        return before

    kept = KeptHold(believed, TTL, now)
    true = believed.until + margin(TTL)
    assert kept.deadline == pytest.approx(true - 2.0)
    assert kept.deadline == pytest.approx(true, abs=NOISE)
    assert kept.deadline <= true + 1e-9


def test_a_release_that_is_not_confirmed_is_told(clock: FakeClock, believed: Any) -> None:
    """The supervisor says then that it ends by itself."""
    kept = KeptHold(believed, TTL, clock.now)
    with pytest.raises(OutcomeUnknown):
        kept.release()
    believed.released = clock.wall()
    assert kept.release()
