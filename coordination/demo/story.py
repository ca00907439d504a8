"""What the director did and when, as far as judge and picture need it: nothing about who owned what."""

from __future__ import annotations

from dataclasses import dataclass, field

SLACK = 5.0
"""Seconds, on a busy computer, from when the store has noticed until somebody else writes."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A machine's end: asked for after `asked`; it and its children were gone before `gone`.

    `outlived`: the pids of those of them that were not gone even then.
    """

    machine: str
    version: int
    asked: float
    gone: float
    outlived: frozenset[int] = frozenset()

    @property
    def who(self) -> str:
        """For people."""
        return f"{self.machine} v{self.version}"


@dataclass(frozen=True, slots=True)
class Edit:
    """A unit that was added or removed."""

    unit: str
    at: float


@dataclass(slots=True)
class Story:
    """Times are in seconds on the boot clock; what is None did not come to be played.

    `units` are there at the start, `settled` is when each was to be owned, `upgraded` when only version 2
    was to act. `processes` are all pids that were seen, `left` those still there at the end.
    """

    ttl: float
    units: tuple[str, ...]
    began: float = 0.0
    settled: float | None = None
    added: Edit | None = None
    removed: Edit | None = None
    kill: Gone | None = None
    upgrades: list[Gone] = field(default_factory=list)
    upgraded: float | None = None
    drain: Gone | None = None
    ended: float | None = None
    processes: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()

    @property
    def bound(self) -> float:
        """Within how many seconds a unit has to have a new owner, whatever became of the old one.

        Consul may take twice the ttl to notice that somebody is gone; the others take little more than one.
        """
        return 2 * self.ttl + SLACK

    @property
    def handovers(self) -> list[Gone]:
        """The machines that were asked to hand over, and to end."""
        return [*self.upgrades, *([self.drain] if self.drain else [])]

    def wanted(self) -> set[str]:
        """The units that are to be owned, as things stand."""
        units = set(self.units)
        if self.added is not None:
            units.add(self.added.unit)
        if self.removed is not None:
            units.discard(self.removed.unit)
        return units
