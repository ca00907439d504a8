"""The checked summary: violations and figures, as lines for people and as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from coordination.demo import judge
from coordination.demo.judge import RULES, Violation
from coordination.demo.log import Logs
from coordination.demo.scheduler.leading import LEADER
from coordination.demo.story import Story
from coordination.demo.tenures import accepted, had, owner_at, takeover, tenures, units_of, version_gap

_SHOWN = 10
"""Violations that people are shown; one cause has many of them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted; times in seconds, None for what did not happen, or not to all it should have.

    `slowest_takeover` from the kill on; `slowest_handover` from when the machine was asked; `version_gap`
    between the last act of the last leader of version 1 and the first of version 2.
    """

    units: int
    writes: int
    refused: int
    grants: int
    leaders: int
    owned_at_start: int
    orphaned: int
    slowest_takeover: float | None
    handed_over: int
    slowest_handover: float | None
    version_gap: float | None
    processes: int


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a demo. `failures` are sentences about what kept it from being played."""

    logs: Logs
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
        broken = {violation.rule for violation in self.violations}
        shown = self._shown()
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
            "killed": self.story.kill.who if self.story.kill else None,
            **asdict(self.figures),
            "violations": [asdict(violation) for violation in self.violations],
            "failures": self.failures,
        }

    def _shown(self) -> dict[str, str]:
        """What stands beside each rule."""
        it, story, bound = self.figures, self.story, f"(bound {self.story.bound:g} s)"
        again = _seconds(it.slowest_takeover)
        edits = [edit.unit for edit in (story.added, story.removed) if edit]
        return {
            judge.ONE_OWNER: f"{it.units} units, {it.writes} writes",
            judge.ONE_LEADER: f"{it.leaders} terms",
            judge.IN_ORDER: f"{it.grants} grants",
            judge.OWNED_AT_START: f"{it.owned_at_start} of {len(story.units)} units",
            judge.EDITED: " and ".join(edits) or "none was",
            judge.OWNED_AGAIN: f"{it.orphaned} orphaned units, slowest {again} {bound}",
            judge.DEAD_IS_DEAD: story.kill.who if story.kill else "nobody was killed",
            judge.LATE_REFUSED: f"{it.refused} refused",
            judge.TAKEN_OVER: f"{_seconds(it.version_gap)} between the two (ttl {story.ttl:g} s)",
            judge.UPGRADED: f"{len(story.upgrades)} machines drained for it",
            judge.HANDED_OVER: f"{it.handed_over} units, slowest {_seconds(it.slowest_handover)} {bound}",
            judge.NOTHING_LEFT: f"{it.processes} processes",
        }


def report(logs: Logs, story: Story, failures: Sequence[str]) -> Report:
    """Judge the logs and count what is in them."""
    lasted = 0.0 if story.ended is None else story.ended - story.began
    return Report(logs, story, _figures(logs, story), judge.judge(logs, story), list(failures), lasted)


def _figures(logs: Logs, story: Story) -> Figures:
    units, kill = units_of(logs), story.kill
    settled = story.settled
    orphaned = had(logs, kill, story.ttl) if kill else {}
    took = [takeover(logs[unit], kill) if kill else None for unit in orphaned]
    given = [takeover(logs[unit], gone) for gone in story.handovers for unit in had(logs, gone, story.ttl)]
    return Figures(
        units=len(units),
        writes=sum(len(accepted(log)) for log in units.values()),
        refused=sum(entry.refused for log in logs.values() for entry in log),
        grants=sum(len(tenures(log)) for log in units.values()),
        leaders=len(tenures(logs.get(LEADER, ()))),
        owned_at_start=sum(
            settled is not None and owner_at(logs.get(unit, ()), settled, story.ttl) is not None
            for unit in story.units
        ),
        orphaned=len(orphaned),
        slowest_takeover=_slowest(took),
        handed_over=len(given),
        slowest_handover=_slowest(given),
        version_gap=version_gap(logs.get(LEADER, ())),
        processes=len(story.processes),
    )


def _slowest(all_of_them: Sequence[float | None]) -> float | None:
    known = [seconds for seconds in all_of_them if seconds is not None]
    return max(known) if known and len(known) == len(all_of_them) else None


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"
