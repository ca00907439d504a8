"""One figure of an issue's "Must show": what was asked for, what was measured, whether that is enough."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the report. `parts` holds what the number is made of, kept in the JSON file too."""

    name: str
    target: str
    measured: str
    passed: bool
    parts: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The figure for people; its parts below it."""
        verdict = "pass" if self.passed else "MISS"
        first = f"{verdict}  {self.name}\n      target {self.target}; measured {self.measured}"
        return [first, *(f"        {name}: {value}" for name, value in self.parts.items())]

    def as_json(self) -> dict[str, Any]:
        """The figure for the results file."""
        return asdict(self)


def at_most(name: str, limit: float, value: float, unit: str, **parts: Any) -> Figure:
    """A figure that must not exceed a limit."""
    return Figure(name, f"<= {limit:g} {unit}", f"{value:.3g} {unit}", value <= limit, parts)


def none_of(name: str, what: str, found: int, of: str, **parts: Any) -> Figure:
    """A figure that must be zero."""
    return Figure(name, f"0 {what}", f"{found} {what} in {of}", found == 0, parts)
