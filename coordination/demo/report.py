"""The checked summary: violations and figures, as lines for people and as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from coordination.demo.judge import (
    DEAD_IS_DEAD,
    ONE_OWNER,
    OWNED_AGAIN,
    OWNED_AT_START,
    RULES,
    TOKENS_RISE,
    Violation,
    accepted,
    judge,
    owner_at,
    takeover,
)
from coordination.demo.log import Entry
from coordination.demo.story import Story

_SHOWN = 10
"""Violations that people are shown; one cause has many of them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted; `slowest_takeover` in seconds from the kill, of the units of the killed machine."""

    units: int
    writes: int
    refused: int
    grants: int
    owned_at_start: int
    orphaned: int
    slowest_takeover: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a demo. `failures` are sentences about what kept it from being played."""

    story: Story
    figures: Figures
    violations: list[Violation]
    failures: list[str]
    lasted: float

    @property
    def ok(self) -> bool:
        """Whether everything that was promised was seen."""
        return not self.violations and not self.failures

    def lines(self) -> list[str]:
        """For people: a line per rule, then every violation."""
        figures = self.figures
        shown = {
            ONE_OWNER: f"{figures.writes} writes, {figures.refused} refused",
            OWNED_AT_START: f"{figures.owned_at_start} of {figures.units} units",
            OWNED_AGAIN: self._takeovers(),
            TOKENS_RISE: f"{figures.grants} grants",
            DEAD_IS_DEAD: self.story.kill.victim if self.story.kill else "nobody was killed",
        }
        broken = {violation.rule for violation in self.violations}
        lines = [f"{'FAIL' if rule in broken else 'ok':4}  {rule}: {shown[rule]}" for rule in RULES]
        lines += [f"VIOLATION  {v.unit}: {v.text} ({v.rule})" for v in self.violations[:_SHOWN]]
        if len(self.violations) > _SHOWN:
            lines.append(f"and {len(self.violations) - _SHOWN} more; --json has all of them")
        lines += [f"FAILURE  {text}" for text in self.failures]
        return [*lines, f"{'passed' if self.ok else 'FAILED'} after {self.lasted:.1f} s"]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "ok": self.ok,
            "lasted": round(self.lasted, 3),
            "bound": self.story.bound,
            "killed": self.story.kill.victim if self.story.kill else None,
            **asdict(self.figures),
            "violations": [asdict(violation) for violation in self.violations],
            "failures": self.failures,
        }

    def _takeovers(self) -> str:
        slowest = self.figures.slowest_takeover
        took = "never" if slowest is None else f"slowest {slowest:.2f} s"
        return f"{self.figures.orphaned} orphaned units, {took} (bound {self.story.bound:g} s)"


def report(
    logs: Mapping[str, Sequence[Entry]], story: Story, failures: Sequence[str], lasted: float
) -> Report:
    """Judge the logs and count what is in them."""
    return Report(story, _figures(logs, story), judge(logs, story), list(failures), lasted)


def _figures(logs: Mapping[str, Sequence[Entry]], story: Story) -> Figures:
    taken = {unit: accepted(entries) for unit, entries in logs.items()}
    writes = sum(map(len, taken.values()))
    owners = {unit: owner_at(entries, story.settled, story.period) for unit, entries in logs.items()}
    orphaned = [
        u for u, owner in owners.items() if owner and story.kill and owner.machine == story.kill.victim
    ]
    took = [takeover(logs[unit], story.kill) if story.kill else None for unit in orphaned]
    known = [seconds for seconds in took if seconds is not None]
    return Figures(
        units=len(logs),
        writes=writes,
        refused=sum(map(len, logs.values())) - writes,
        grants=sum(len({entry.token for entry in entries}) for entries in taken.values()),
        owned_at_start=sum(owner is not None for owner in owners.values()),
        orphaned=len(orphaned),
        slowest_takeover=max(known) if known and len(known) == len(took) else None,
    )
