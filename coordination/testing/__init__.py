"""The kit for testing stores, and programs that use this library.

Everything is loaded at its first use: who only wants a `FakeClock` does not need pytest installed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coordination.testing.clock import FakeClock
    from coordination.testing.contract import (
        BatchedRenewalsContract,
        GuardedWritesContract,
        StoreContract,
        contract_tests,
    )
    from coordination.testing.faulty import FaultyStore
    from coordination.testing.fleet import FleetContract, ManagerHarness
    from coordination.testing.handle import Handle, Watching
    from coordination.testing.harness import StoreHarness
    from coordination.testing.racing import race

__all__ = [
    "BatchedRenewalsContract",
    "FakeClock",
    "FaultyStore",
    "FleetContract",
    "GuardedWritesContract",
    "Handle",
    "ManagerHarness",
    "StoreContract",
    "StoreHarness",
    "Watching",
    "race",
    "contract_tests",
]

_HOMES = {
    "BatchedRenewalsContract": "contract",
    "FakeClock": "clock",
    "FaultyStore": "faulty",
    "FleetContract": "fleet",
    "GuardedWritesContract": "contract",
    "Handle": "handle",
    "ManagerHarness": "fleet",
    "StoreContract": "contract",
    "StoreHarness": "harness",
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
