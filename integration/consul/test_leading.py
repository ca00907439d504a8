"""The acceptance cases of leadership on every Consul, on either face, in real time."""

from __future__ import annotations

import pytest

from coordination.testing import LeaderContract, LeaderHarness
from integration.servers.faces import faces
from integration.servers.kinds import CONSUL
from integration.servers.recipes import harness_on
from integration.servers.ways import Server


class TestLeadingOnConsul(LeaderContract):
    """Each test has a prefix of its own, and each manager connections of its own, to the next member."""

    @pytest.fixture(params=faces(CONSUL))
    def harness(self, request: pytest.FixtureRequest, variant: Server) -> LeaderHarness:
        """With the shortest ttl that Consul grants."""
        return harness_on(CONSUL, LeaderHarness, request, variant)
