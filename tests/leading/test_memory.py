"""The acceptance cases of leadership on memory, on both faces, on a fake clock."""

from __future__ import annotations

import pytest

from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, LeaderContract, LeaderHarness


class TestLeadingOnMemory(LeaderContract):
    """Every manager has the same store: a memory store is shared by reference."""

    @pytest.fixture(params=[False, True], ids=["blocking", "asyncio"])
    def harness(self, request: pytest.FixtureRequest) -> LeaderHarness:
        """Ten seconds that pass in no time."""
        clock = FakeClock()
        store = MemoryStore(clock)
        return LeaderHarness(lambda: store, clock.advance, period=10.0, clock=clock, aio=request.param)
