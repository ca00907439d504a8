"""What the logs show right now: who owns which unit, and what has just happened. For watching only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from coordination.demo.log import Entry, Logs
from coordination.demo.scheduler.leading import LEADER
from coordination.demo.scheduler.writer import START, STOP, WORK
from coordination.demo.tenures import owner_at

_SAYS = {START: "took", STOP: "gave back"}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing worth telling; `at` in seconds on the boot clock. `mark`: what the director did."""

    at: float
    text: str
    mark: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A unit and its owner, None if nobody has written for a ttl; `age` of the tenure in seconds."""

    unit: str
    owner: str | None
    token: int | None
    age: float | None


@dataclass
class Scene:
    """The state shown to the viewer; `refresh` brings it up to date. Times on the boot clock."""

    began: float
    ttl: float
    now: float = 0.0
    rows: list[Row] = field(default_factory=list)
    leader: Row = Row(LEADER, None, None, None)
    events: list[Event] = field(default_factory=list)
    refused: int = 0
    dead: set[str] = field(default_factory=set)
    _seen: dict[str, int] = field(default_factory=dict)

    def tell(self, at: float, text: str) -> None:
        """Add what the director did."""
        self.events.append(Event(at, text, mark=True))

    def refresh(self, logs: Logs, now: float) -> None:
        """Take in what has been written since the last time."""
        self.now = now
        self.leader = self._row(LEADER, logs.get(LEADER, ()))
        self.rows = [self._row(unit, entries) for unit, entries in sorted(logs.items()) if unit != LEADER]
        fresh = [event for name, entries in logs.items() for event in self._news(name, entries)]
        self.events.extend(sorted(fresh, key=lambda event: event.at))

    def lines(self) -> list[str]:
        """The events for people, with the seconds since the beginning."""
        return [f"{event.at - self.began:6.2f} s  {event.text}" for event in self.events]

    @property
    def owners(self) -> dict[str, str]:
        """Who owns what, of those who are not known to be dead."""
        return {row.unit: row.owner for row in self.rows if row.owner and row.owner not in self.dead}

    def _row(self, unit: str, entries: Sequence[Entry]) -> Row:
        last = owner_at(entries, self.now, self.ttl)
        if last is None:
            return Row(unit, None, None, None)
        first = next(entry for entry in entries if entry.token == last.token)
        return Row(unit, last.who, last.token, self.now - first.at)

    def _news(self, name: str, entries: Sequence[Entry]) -> list[Event]:
        fresh = entries[self._seen.get(name, 0) :]
        self._seen[name] = len(entries)
        self.refused += sum(entry.refused and entry.believed for entry in fresh)
        told = [entry for entry in fresh if entry.refused or entry.kind != WORK]
        return [Event(entry.at, _told(name, entry)) for entry in told]


def _told(name: str, entry: Entry) -> str:
    if entry.refused:
        why = "BELIEVED IT HELD, AND WAS REFUSED" if entry.believed else "came too late, and was refused"
        return f"{entry.who} {why}: {name} (token {entry.token})"
    if name == LEADER:
        return f"{entry.who} leads (token {entry.token})"
    return f"{entry.who} {_SAYS[entry.kind]} {name} (token {entry.token})"
