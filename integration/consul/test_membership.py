"""The acceptance cases of membership on every Consul, on either face, in real time."""

from __future__ import annotations

import itertools
import secrets
import time

import pytest

from coordination.stores.consul.opening import open_store
from coordination.stores.consul.store import ConsulStore
from coordination.testing import MembershipContract, RecipeHarness
from integration.servers.consul_member import SESSION_TTL_MIN
from integration.servers.faces import faces, is_asyncio
from integration.servers.kinds import CONSUL
from integration.servers.ways import Server


class TestMembersOnConsul(MembershipContract):
    """Each test has a prefix of its own, and each manager connections of its own, to the next member."""

    @pytest.fixture(params=faces(CONSUL))
    def harness(self, request: pytest.FixtureRequest, variant: Server) -> RecipeHarness:
        """Consul keeps a session for up to twice its ttl, and a busy machine is late itself."""
        period = SESSION_TTL_MIN
        members = itertools.cycle(variant.member_urls)
        prefix = f"members-{secrets.token_hex(6)}"

        def opener() -> ConsulStore:
            return open_store(f"{next(members)}/{prefix}")

        return RecipeHarness(
            opener,
            time.sleep,
            period=period,
            shortest=period,
            slack=period + 1.5,
            aio=is_asyncio(request, CONSUL),
        )
