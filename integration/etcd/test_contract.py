"""etcd keeps the contract, on every server there is: 3.4 and 3.5, alone and as a cluster of three."""

from __future__ import annotations

import secrets
import time

import pytest

from coordination.stores.etcd.opening import open_store
from coordination.testing import (
    BatchedRenewalsContract,
    DeparturesContract,
    GuardedWritesContract,
    ProofsContract,
    QueuesContract,
    StoreContract,
    StoreHarness,
)
from integration.servers.ways import Server


class TestEtcdStore(
    StoreContract,
    GuardedWritesContract,
    BatchedRenewalsContract,
    QueuesContract,
    DeparturesContract,
    ProofsContract,
):
    """In real time, with the shortest ttl that etcd grants; each test has a prefix of its own."""

    @pytest.fixture
    def harness(self, variant: Server) -> StoreHarness:
        """etcd looks for expired leases every half second, and a new leader starts their time anew."""
        url = f"{variant.url}/contract-{secrets.token_hex(6)}"
        return StoreHarness(lambda: open_store(url), time.sleep, ttl=2.0, slack=8.0)
