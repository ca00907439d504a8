"""Consul keeps the contract: one server and a cluster of three."""

from __future__ import annotations

import secrets
import time

import pytest

from coordination.stores.consul.opening import open_store
from coordination.testing import (
    BatchedRenewalsContract,
    GuardedWritesContract,
    ProofsContract,
    QueuesContract,
    StoreContract,
    StoreHarness,
)
from integration.servers.consul_member import SESSION_TTL_MIN
from integration.servers.ways import Server


class TestConsulStore(
    StoreContract, GuardedWritesContract, BatchedRenewalsContract, QueuesContract, ProofsContract
):
    """In real time, with the shortest ttl that these servers grant; each test has a prefix of its own."""

    @pytest.fixture
    def harness(self, variant: Server) -> StoreHarness:
        """Consul keeps a session for up to twice its ttl, and a new leader starts its time anew."""
        url, ttl = f"{variant.url}/contract-{secrets.token_hex(6)}", SESSION_TTL_MIN
        return StoreHarness(lambda: open_store(url), time.sleep, ttl=ttl, slack=3 * ttl + 6.0)
