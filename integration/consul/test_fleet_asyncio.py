"""The acceptance cases of fleet's lease manager on the asyncio face, on some Consul, in real time."""

from __future__ import annotations

import secrets
import time

import pytest

from coordination.stores.consul.opening import open_store
from coordination.testing import FleetContract, ManagerHarness
from integration.servers.consul_member import SESSION_TTL_MIN
from integration.servers.ways import Server


class TestFleetOnConsulForAsyncio(FleetContract):
    """Each manager has a store of its own; all of them run on one event loop."""

    @pytest.fixture
    def harness(self, consul: Server) -> ManagerHarness:
        """As for the blocking face, see test_fleet.py."""
        period = SESSION_TTL_MIN
        url = f"{consul.url}/fleet-{secrets.token_hex(6)}"
        return ManagerHarness(
            lambda: open_store(url),
            time.sleep,
            period=period,
            shortest=period,
            slack=15.0,
            rounding=1.0,
            aio=True,
        )
