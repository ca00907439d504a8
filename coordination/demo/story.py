"""What the director did, as far as the judge needs it: nothing about who owned what."""

from __future__ import annotations

from dataclasses import dataclass

SLACK = 2.0
"""Seconds that a takeover may take beyond the period."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Who was killed; the signal was sent after `sent`, and the process was gone before `gone`."""

    victim: str
    sent: float
    gone: float


@dataclass(frozen=True, slots=True)
class Story:
    """What the director did, in seconds on the boot clock. `kill` is None if it never came to that."""

    settled: float
    kill: Kill | None
    period: float

    @property
    def bound(self) -> float:
        """Within how many seconds of the kill every unit must be owned again."""
        return self.period + SLACK
