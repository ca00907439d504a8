"""What the entries of a name say of its owners. A tenure: from a token's first to its last accepted entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coordination.demo.log import Entry, Logs
from coordination.demo.scheduler.leading import LEADER
from coordination.demo.scheduler.writer import STOP
from coordination.demo.story import Gone


@dataclass(frozen=True, slots=True)
class Tenure:
    """One ownership, as the resource saw it; `ended`: its owner said so."""

    token: int
    machine: str
    version: int
    first: float
    last: float
    ended: bool

    @property
    def who(self) -> str:
        """The owner, for people."""
        return f"{self.machine} v{self.version}"


def accepted(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that the resource took."""
    return [entry for entry in entries if not entry.refused]


def tenures(entries: Sequence[Entry]) -> list[Tenure]:
    """All tenures of a name, by their beginning."""
    of: dict[int, list[Entry]] = {}
    for entry in accepted(entries):
        of.setdefault(entry.token, []).append(entry)
    return sorted(map(_tenure, of.values()), key=lambda tenure: (tenure.first, tenure.token))


def owner_at(entries: Sequence[Entry], at: float, fresh: float) -> Entry | None:
    """The last accepted entry up to `at`, unless it says stop or is older than `fresh` seconds."""
    for entry in reversed(entries):
        if not entry.refused and entry.at <= at:
            return None if entry.kind == STOP or entry.at < at - fresh else entry
    return None


def units_of(logs: Logs) -> dict[str, Sequence[Entry]]:
    """The logs of the units, by name."""
    return {name: log for name, log in sorted(logs.items()) if name != LEADER}


def takeover(entries: Sequence[Entry], gone: Gone) -> float | None:
    """Seconds from the end of a machine to the first write of another one; None if there is none."""
    later = (it.at for it in accepted(entries) if it.who != gone.who and it.at > gone.asked)
    first = next(later, None)
    return None if first is None else first - gone.asked


def had(logs: Logs, gone: Gone, ttl: float) -> dict[str, Entry]:
    """The units that a machine owned when it was asked to end, each with its last write before."""
    last = {unit: owner_at(log, gone.asked, ttl) for unit, log in units_of(logs).items()}
    return {unit: it for unit, it in last.items() if it and it.who == gone.who}


def version_gap(log: Sequence[Entry]) -> float | None:
    """Seconds between the last act of a leader of version 1 and the first one of version 2."""
    old = [entry.at for entry in accepted(log) if entry.version == 1]
    new = [entry.at for entry in accepted(log) if entry.version == 2]
    return new[0] - old[-1] if old and new else None


def _tenure(entries: list[Entry]) -> Tenure:
    first, last = entries[0], entries[-1]
    return Tenure(first.token, first.machine, first.version, first.at, last.at, last.kind == STOP)
