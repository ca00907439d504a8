"""A faulty store that nobody told to fail keeps the whole contract."""

from __future__ import annotations

import pytest

from coordination.stores.memory import MemoryStore
from coordination.testing import (
    BatchedRenewalsContract,
    DeparturesContract,
    FakeClock,
    FaultyStore,
    GuardedWritesContract,
    ProofsContract,
    QueuesContract,
    StoreContract,
    StoreHarness,
)


class TestFaultyStore(
    StoreContract,
    GuardedWritesContract,
    BatchedRenewalsContract,
    QueuesContract,
    DeparturesContract,
    ProofsContract,
):
    """Each handle is a connection of its own to one memory store."""

    @pytest.fixture
    def harness(self) -> StoreHarness:
        """Ten seconds that pass in no time."""
        clock = FakeClock()
        store = MemoryStore(clock)
        return StoreHarness(lambda: FaultyStore(store, clock), clock.advance, ttl=10.0)
