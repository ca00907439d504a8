"""What one look at a namespace shows: leases, leaders, locks, pools and groups.

The kinds are listed one after another, so it is of no single moment. Nothing is decided by it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody has something, as the record says that shows it.

    `since`: Unix seconds by the holder's wall clock, 0 if unknown. `left`: seconds, None if unknown;
    where the store does not say, counted by the wall clocks of two machines.
    """

    name: str
    machine_id: str
    token: int
    version: int = 0
    host: str = ""
    pid: int = 0
    since: float = 0.0
    left: float | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leadership:
    """Who leads. `taking_over`: it waits until its predecessor cannot act any more.

    `successor`: the machine it hands over to, empty if it does not. `value`: what it proclaimed.
    """

    holder: Holder
    value: Any = None
    taking_over: bool = False
    successor: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A lock: who holds it, and how many wait."""

    holder: Holder
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Stock:
    """A pool: its units by name with their weights, their owners, and the machines that share them.

    An owner need not be one of the machines. A unit that was just removed may have an owner still.
    """

    name: str
    units: dict[str, float] = field(default_factory=dict)
    owners: dict[str, Holder] = field(default_factory=dict)
    machines: frozenset[str] = frozenset()

    @property
    def free(self) -> list[str]:
        """The units that nobody has."""
        return [unit for unit in self.units if unit not in self.owners]

    def counts(self) -> dict[str, int]:
        """Units for each machine, also for those that have none; the most loaded first."""
        found = Counter(dict.fromkeys(self.machines, 0))
        found.update(owner.machine_id for owner in self.owners.values())
        return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))

    def weights(self) -> dict[str, float]:
        """What those units weigh."""
        found = dict.fromkeys(self.counts(), 0.0)
        for unit, owner in self.owners.items():
            found[owner.machine_id] += self.units.get(unit, 0.0)
        return found


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything, each by name. `at`: Unix seconds of the look."""

    at: float
    leases: tuple[Holder, ...] = ()
    leaders: tuple[Leadership, ...] = ()
    locks: tuple[Queue, ...] = ()
    pools: tuple[Stock, ...] = ()
    groups: dict[str, tuple[Holder, ...]] = field(default_factory=dict)
    """The members of each group that has any; their names are their machine ids."""
