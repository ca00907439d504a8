"""The kit for testing stores, and programs that use this library.

Everything is loaded at its first use: who only wants a `FakeClock` does not need pytest installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordination.testing.bridge import Bridge
    from coordination.testing.clock import FakeClock
    from coordination.testing.contract import (
        BatchedRenewalsContract,
        DeparturesContract,
        GuardedWritesContract,
        ProofsContract,
        QueuesContract,
        StoreContract,
        contract_tests,
    )
    from coordination.testing.faulty import FaultyStore
    from coordination.testing.fleet import FleetContract, ManagerHarness
    from coordination.testing.handle import Handle, Leaving, Watching
    from coordination.testing.harness import StoreHarness
    from coordination.testing.leading import LeaderContract, LeaderHarness
    from coordination.testing.members import MembershipContract
    from coordination.testing.pools import PoolContract
    from coordination.testing.racing import race
    from coordination.testing.recipes import RecipeContract, RecipeHarness
    from coordination.testing.simulation import Limits, Scenario, Simulation, Violation

__all__ = [
    "BatchedRenewalsContract",
    "Bridge",
    "DeparturesContract",
    "FakeClock",
    "FaultyStore",
    "FleetContract",
    "GuardedWritesContract",
    "Handle",
    "LeaderContract",
    "LeaderHarness",
    "Leaving",
    "Limits",
    "ManagerHarness",
    "MembershipContract",
    "PoolContract",
    "ProofsContract",
    "QueuesContract",
    "RecipeContract",
    "RecipeHarness",
    "Scenario",
    "Simulation",
    "StoreContract",
    "StoreHarness",
    "Violation",
    "Watching",
    "race",
    "contract_tests",
]

_HOMES = {
    "BatchedRenewalsContract": "contract",
    "Bridge": "bridge",
    "DeparturesContract": "contract",
    "FakeClock": "clock",
    "FaultyStore": "faulty",
    "FleetContract": "fleet",
    "GuardedWritesContract": "contract",
    "Handle": "handle",
    "LeaderContract": "leading",
    "LeaderHarness": "leading",
    "Leaving": "handle",
    "Limits": "simulation",
    "ManagerHarness": "fleet",
    "MembershipContract": "members",
    "PoolContract": "pools",
    "ProofsContract": "contract",
    "QueuesContract": "contract",
    "RecipeContract": "recipes",
    "RecipeHarness": "recipes",
    "Scenario": "simulation",
    "Simulation": "simulation",
    "StoreContract": "contract",
    "StoreHarness": "harness",
    "Violation": "simulation",
    "Watching": "handle",
    "race": "racing",
    "contract_tests": "contract",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
