"""How soon a query may be asked again: at once when something happened, later and later when nothing did.

A server may answer long polls at once, for ever: an index that stays, goes back or is missing. Only
an index higher than every one before counts as progress, and an answer that took its time as honest.
"""

from __future__ import annotations

import random
from collections.abc import Callable

HONEST = 1.0
"""Seconds after which an answer counts as one that was waited for, whatever its index."""

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds after an answer that came at once without progress, or a refusal; doubled each time."""

FIRST_RETRY, LAST_RETRY, STEEPER = 0.1, 5.0, 3.0
"""Seconds after a failure, and how much longer after the next: a dead agent's successor is asked soon."""


class Pace:
    """A bucket of tokens, one for each request, and pauses for what came to nothing. For one thread.

    `burst` is how many requests may go at once after a quiet time, `rate` how many a second in the long run.
    """

    def __init__(self, burst: float, rate: Callable[[], float]) -> None:
        self._burst = burst
        self._rate = rate
        self._tokens = burst
        self._filled_at: float | None = None
        self._highest = 0
        self._pause = 0.0
        self._retry = 0.0

    def begin(self, index: int) -> None:
        """This index is known already."""
        self._highest = index

    def wait(self, now: float) -> float:
        """Seconds until there is a token for one more request."""
        self._fill(now)
        return max(0.0, (1 - self._tokens) / self._rate())

    def spend(self, now: float) -> None:
        """A request is sent; also one more than there are tokens, and then the next ones wait longer."""
        self._fill(now)
        self._tokens -= 1

    def answered(self, index: int, took: float) -> float:
        """An answer came after `took` seconds; the seconds to pause before the next request."""
        self._retry = 0.0
        if took >= HONEST:
            # A datacenter that was restored begins at a lower index: from here on that one counts.
            self._highest, self._pause = index, 0.0
            return 0.0
        if index > self._highest:
            self._highest, self._pause = index, 0.0
            return 0.0
        return self._longer()

    def failed(self, *, refused: bool) -> float:
        """No answer, or a refusal, which more tries will not change; the seconds to pause."""
        if refused:
            return self._longer()
        self._retry = min(LAST_RETRY, max(FIRST_RETRY, STEEPER * self._retry))
        return self._retry * random.uniform(0.5, 1)  # noqa: S311 - so that clients do not come back at once

    def _fill(self, now: float) -> None:
        if self._filled_at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate())
        self._filled_at = now

    def _longer(self) -> float:
        self._pause = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, 2 * self._pause))
        return self._pause * random.uniform(1, 1.25)  # noqa: S311 - so that clients do not come back at once
