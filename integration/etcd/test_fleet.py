"""The acceptance cases of fleet's lease manager on every etcd, in real time: expiries are waited for."""

from __future__ import annotations

import itertools
import secrets
import time

import pytest

from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore
from coordination.testing import FleetContract, ManagerHarness
from integration.servers.ways import Server


class TestFleetOnEtcd(FleetContract):
    """Each test has a prefix of its own, and each manager a store of its own, on the next member.

    So what one manager has just written is looked for on another member, where only a linearizable
    read is sure to find it.
    """

    @pytest.fixture
    def harness(self, variant: Server) -> ManagerHarness:
        """The shortest period that etcd grants; it counts in whole seconds, and expires leases late."""
        members = itertools.cycle(variant.member_urls)
        prefix = f"fleet-{secrets.token_hex(6)}"

        def opener() -> EtcdStore:
            return open_store(f"{next(members)}/{prefix}")

        return ManagerHarness(opener, time.sleep, period=2.0, floor=2.0, slack=8.0, rounding=1.0)
