"""The acceptance cases of fleet's lease manager on the asyncio face, on some etcd, in real time."""

from __future__ import annotations

import secrets
import time

import pytest

from coordination.stores.etcd.opening import open_store
from coordination.testing import FleetContract, ManagerHarness
from integration.servers.ways import Server


class TestFleetOnEtcdForAsyncio(FleetContract):
    """Each manager has a store of its own; all of them run on one event loop."""

    @pytest.fixture
    def harness(self, etcd: Server) -> ManagerHarness:
        """As for the blocking face, see test_fleet.py."""
        url = f"{etcd.url}/fleet-{secrets.token_hex(6)}"
        return ManagerHarness(
            lambda: open_store(url), time.sleep, period=2.0, floor=2.0, slack=8.0, rounding=1.0, aio=True
        )
