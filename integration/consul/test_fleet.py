"""The acceptance cases of fleet's lease manager on every Consul, in real time: expiries are waited for."""

from __future__ import annotations

import itertools
import secrets
import time

import pytest

from coordination.stores.consul.opening import open_store
from coordination.stores.consul.store import ConsulStore
from coordination.testing import FleetContract, ManagerHarness
from integration.servers.consul_member import SESSION_TTL_MIN
from integration.servers.ways import Server


class TestFleetOnConsul(FleetContract):
    """Each test has a prefix of its own, and each manager a store of its own, on the next member.

    So what one manager has just written is looked for on another member, where only a consistent
    read is sure to find it.
    """

    @pytest.fixture
    def harness(self, variant: Server) -> ManagerHarness:
        """Consul keeps a lease for up to twice its period, and a new leader starts its time anew.

        How much of it is left Consul does not say: what another program wrote seems to be just renewed.
        """
        period = SESSION_TTL_MIN
        members = itertools.cycle(variant.member_urls)
        prefix = f"fleet-{secrets.token_hex(6)}"

        def opener() -> ConsulStore:
            return open_store(f"{next(members)}/{prefix}")

        return ManagerHarness(opener, time.sleep, period=period, shortest=period, slack=15.0, rounding=1.0)
