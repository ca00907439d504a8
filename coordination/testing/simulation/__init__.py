"""The simulator: runs recipes on a simulated store, in every order and with every mishap.

A `Scenario` says which clients do what, and what must never be seen. `Simulation` runs its schedules:
all of them to a depth, or random ones. What is random is written down, so a schedule that failed can
be run again. See docs/simulation.md.
"""

from coordination.testing.simulation.client import Client
from coordination.testing.simulation.explore import Simulation
from coordination.testing.simulation.fates import Fate, Limits
from coordination.testing.simulation.report import Finding, Report
from coordination.testing.simulation.scenario import Scenario, Violation
from coordination.testing.simulation.store import PlainStore, SimulatedStore
from coordination.testing.simulation.turns import Cancelled
from coordination.testing.simulation.world import World

__all__ = [
    "Cancelled",
    "Client",
    "Fate",
    "Finding",
    "Limits",
    "PlainStore",
    "Report",
    "Scenario",
    "SimulatedStore",
    "Simulation",
    "Violation",
    "World",
]
