"""The acceptance cases of pools on every Consul, on either face, in real time."""

from __future__ import annotations

import pytest

from coordination.testing import PoolContract, RecipeHarness
from integration.servers.faces import faces
from integration.servers.kinds import CONSUL
from integration.servers.recipes import harness_on
from integration.servers.ways import Server


class TestPoolsOnConsul(PoolContract):
    """Each test has a prefix of its own, and each manager connections of its own, to the next member."""

    @pytest.fixture(params=faces(CONSUL))
    def harness(self, request: pytest.FixtureRequest, variant: Server) -> RecipeHarness:
        """With the shortest ttl that Consul grants."""
        return harness_on(CONSUL, RecipeHarness, request, variant)
