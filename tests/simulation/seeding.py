"""A bug that is put into the library: what stands in place of what, and where it shows soonest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from coordination.testing.simulation import Limits, Scenario, Simulation
from coordination.testing.simulation.lock_plans import ALL

Patch = tuple[object, str, Any]


@dataclass(frozen=True, slots=True)
class Bug:
    """What is put in place of what, and where it shows soonest."""

    patches: tuple[Patch, ...]
    scenario: type[Scenario]
    limits: Limits = ALL

    @property
    def simulation(self) -> Simulation:
        """Of the scenario in which it is looked for."""
        return Simulation(self.scenario, self.limits)

    @contextmanager
    def seeded(self) -> Iterator[None]:
        """The library with this bug in it."""
        kept = [(owner, attribute, getattr(owner, attribute)) for owner, attribute, _ in self.patches]
        for owner, attribute, broken in self.patches:
            setattr(owner, attribute, broken)
        try:
            yield
        finally:
            for owner, attribute, right in kept:
                setattr(owner, attribute, right)
