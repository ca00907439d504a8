"""The contract on the file store: on a fake clock, and as users run it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.clock import SystemClock
from coordination.stores.file.store import FileStore
from coordination.testing import FakeClock, GuardedWritesContract, StoreContract, StoreHarness


class TestFileStore(StoreContract, GuardedWritesContract):
    """Every handle is a store of its own on the same folder, as another process would have."""

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[StoreHarness]:
        """Ten seconds that pass in no time."""
        clock = FakeClock()
        harness = StoreHarness(
            lambda: FileStore(tmp_path / "store", clock, durable=False), clock.advance, ttl=10.0
        )
        yield harness
        harness.close()


class TestDurableFileStore(StoreContract, GuardedWritesContract):
    """Synchronised to disk, in real time."""

    @pytest.fixture
    def harness(self, tmp_path: Path) -> Iterator[StoreHarness]:
        """A ttl that a busy machine's pauses do not reach."""
        clock = SystemClock()
        harness = StoreHarness(lambda: FileStore(tmp_path / "store", clock), time.sleep, ttl=2.0)
        yield harness
        harness.close()
