"""The acceptance cases of fleet's lease manager on the asyncio face, on memory and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination.stores.file.store import FileStore
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, FleetContract, ManagerHarness


class TestFleetOnMemoryForAsyncio(FleetContract):
    """Every manager has the same store: a memory store is shared by reference."""

    @pytest.fixture
    def harness(self) -> ManagerHarness:
        """Ten seconds that pass in no time, and nothing is ever late."""
        clock = FakeClock()
        store = MemoryStore(clock)
        return ManagerHarness(lambda: store, clock.advance, period=10.0, clock=clock, aio=True)


class TestFleetOnFilesForAsyncio(FleetContract):
    """Every manager has a store of its own on the same folder, as another process would."""

    @pytest.fixture
    def harness(self, tmp_path: Path) -> ManagerHarness:
        """The same."""
        clock = FakeClock()

        def opener() -> FileStore:
            return FileStore(tmp_path / "leases", clock, durable=False)

        return ManagerHarness(opener, clock.advance, period=10.0, clock=clock, aio=True)
