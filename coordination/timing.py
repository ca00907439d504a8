"""Durations: how they are checked, how much of one is believed, how a caller's bound is kept.

Everything here is arithmetic; the clock is always handed in.
"""

from __future__ import annotations

import math
from datetime import timedelta

from coordination.clock import Clock
from coordination.errors import ConfigurationError

Seconds = float | int | timedelta
"""What every public argument that means a duration accepts."""

ONE_TRY = 0.25
"""Seconds that a single request may take even when its caller has no time left for waiting."""

LONGEST = 1e9
"""About 31 years, in seconds: below what every store can represent."""


def shown(value: object) -> str:
    """A value for a message; Python refuses to spell out integers of thousands of digits."""
    try:
        return repr(value)
    except ValueError:
        return "a number of thousands of digits"


def seconds(value: object, what: str, longest: float = LONGEST) -> float:
    """`value` as seconds, or `ConfigurationError`; bool, NaN, infinities and text are refused."""
    if isinstance(value, timedelta):
        number = value.total_seconds()
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigurationError(f"{what} must be a number of seconds or a timedelta, not {shown(value)}")
    else:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    if not math.isfinite(number):
        raise ConfigurationError(f"{what} must be finite, not {shown(value)}")
    if number > longest:
        raise ConfigurationError(f"{what} must be at most {longest:g} seconds, not {shown(value)}")
    return number


def positive(value: object, what: str) -> float:
    """`value` as seconds greater than zero."""
    number = seconds(value, what)
    if number <= 0:
        raise ConfigurationError(f"{what} must be greater than 0 seconds, not {shown(value)}")
    return number


def waiting(value: object, what: str = "timeout") -> float | None:
    """A bound on waiting: None means for ever, 0 means not at all."""
    if value is None:
        return None
    number = seconds(value, what)
    if number < 0:
        raise ConfigurationError(f"{what} must not be negative, not {shown(value)}")
    return number


def margin(ttl: float) -> float:
    """How long before the end of `ttl` seconds we stop believing: 5 %, at least 250 ms, at most a quarter.

    It covers what a deadline counted from before the request does not: clocks that run at slightly
    different rates, and the instants between looking at `held` and acting.
    """
    return min(max(0.05 * ttl, 0.25), 0.25 * ttl)


class Deadline:
    """A caller's bound on a call, as a point on a clock; None never passes."""

    __slots__ = ("_at", "_clock")

    def __init__(self, clock: Clock, timeout: float | None) -> None:
        self._clock = clock
        self._at = None if timeout is None else clock.now() + timeout

    def left(self, at_most: float) -> float:
        """Seconds left, never negative, and never more than `at_most`."""
        if self._at is None:
            return at_most
        return max(0.0, min(at_most, self._at - self._clock.now()))

    def one_try(self, at_most: float) -> float:
        """Seconds that one request may take: what is left, but enough for a single try in any case."""
        return min(at_most, max(ONE_TRY, self.left(at_most)))

    @property
    def passed(self) -> bool:
        """True once nothing is left."""
        return self._at is not None and self._clock.now() >= self._at
