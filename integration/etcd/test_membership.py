"""The acceptance cases of membership on every etcd, on either face, in real time."""

from __future__ import annotations

import itertools
import secrets
import time

import pytest

from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore
from coordination.testing import MembershipContract, RecipeHarness
from integration.servers.faces import faces, is_asyncio
from integration.servers.kinds import ETCD
from integration.servers.ways import Server


class TestMembersOnEtcd(MembershipContract):
    """Each test has a prefix of its own, and each manager a connection of its own, to the next member."""

    @pytest.fixture(params=faces(ETCD))
    def harness(self, request: pytest.FixtureRequest, variant: Server) -> RecipeHarness:
        """The shortest ttl that etcd grants; it looks for expired leases every half second."""
        members = itertools.cycle(variant.member_urls)
        prefix = f"members-{secrets.token_hex(6)}"

        def opener() -> EtcdStore:
            return open_store(f"{next(members)}/{prefix}")

        return RecipeHarness(
            opener, time.sleep, period=2.0, floor=2.0, slack=2.0, aio=is_asyncio(request, ETCD)
        )
