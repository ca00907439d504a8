"""What the logs show right now: who owns which unit, and what has just happened. For watching only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from coordination.demo.judge import owner_at
from coordination.demo.log import REFUSED, START, STOP, Entry

_SAYS = {START: "took", STOP: "gave back", REFUSED: "BELIEVED IT HELD, AND WAS REFUSED:"}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing worth telling; `at` in seconds on the boot clock."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A unit and its owner, None if nobody has written for a period; `age` of the tenure in seconds."""

    unit: str
    owner: str | None
    token: int | None
    age: float | None


@dataclass
class Scene:
    """The state shown to the viewer; `refresh` brings it up to date. Times on the boot clock."""

    began: float
    period: float
    now: float = 0.0
    rows: list[Row] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    refused: int = 0
    dead: set[str] = field(default_factory=set)
    _seen: dict[str, int] = field(default_factory=dict)

    def tell(self, at: float, text: str) -> None:
        """Add what the director did."""
        self.events.append(Event(at, text))

    def refresh(self, logs: Mapping[str, Sequence[Entry]], now: float) -> None:
        """Take in what has been written since the last time."""
        self.now = now
        self.rows = [self._row(unit, entries) for unit, entries in sorted(logs.items())]
        fresh = [event for unit, entries in logs.items() for event in self._news(unit, entries)]
        self.events.extend(sorted(fresh, key=lambda event: event.at))

    def lines(self) -> list[str]:
        """The events for people, with the seconds since the beginning."""
        return [f"{event.at - self.began:6.2f} s  {event.text}" for event in self.events]

    @property
    def owned(self) -> bool:
        """Whether every unit has a living owner."""
        return all(row.owner is not None and row.owner not in self.dead for row in self.rows)

    @property
    def owners(self) -> set[str]:
        """The machines that own something."""
        return {row.owner for row in self.rows if row.owner is not None}

    def _row(self, unit: str, entries: Sequence[Entry]) -> Row:
        last = owner_at(entries, self.now, self.period)
        if last is None:
            return Row(unit, None, None, None)
        first = next(entry for entry in entries if entry.token == last.token)
        return Row(unit, last.machine, last.token, self.now - first.at)

    def _news(self, unit: str, entries: Sequence[Entry]) -> list[Event]:
        fresh = entries[self._seen.get(unit, 0) :]
        self._seen[unit] = len(entries)
        self.refused += sum(entry.kind == REFUSED for entry in fresh)
        return [
            Event(entry.at, f"{entry.machine} {_SAYS[entry.kind]} {unit} (token {entry.token})")
            for entry in fresh
            if entry.kind in _SAYS
        ]
