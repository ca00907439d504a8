"""When a step was done, between two looks at a clock: what is promised of times is checked against it."""

from __future__ import annotations

from dataclasses import dataclass

_ROUNDED = 1e-6
"""What arithmetic with floats may cost, in seconds."""


@dataclass(frozen=True, slots=True)
class Span:
    """When something was done, on the harness's clock; on a fake clock both ends are one moment."""

    begin: float
    end: float

    def is_left_of(self, period: float, left: float, seen: Span, over: float = 0.0) -> bool:
        """Whether `left`, seen at `seen`, remains of `period` counted from here; or up to `over` more."""
        least, most = period - (seen.end - self.begin), period - (seen.begin - self.end)
        return least - _ROUNDED <= left <= most + over + _ROUNDED
