"""The memory store keeps the contract, on a fake clock."""

from __future__ import annotations

import pytest

from coordination.stores.memory import MemoryStore
from coordination.testing import (
    BatchedRenewalsContract,
    DeparturesContract,
    FakeClock,
    GuardedWritesContract,
    ProofsContract,
    QueuesContract,
    StoreContract,
    StoreHarness,
)


class TestMemoryStore(
    StoreContract,
    GuardedWritesContract,
    BatchedRenewalsContract,
    QueuesContract,
    DeparturesContract,
    ProofsContract,
):
    """Every handle is the same object: a memory store is shared by reference."""

    @pytest.fixture
    def harness(self) -> StoreHarness:
        """Ten seconds that pass in no time."""
        clock = FakeClock()
        store = MemoryStore(clock)
        return StoreHarness(lambda: store, clock.advance, ttl=10.0)
