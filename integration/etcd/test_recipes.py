"""The acceptance cases of locks on every etcd, on either face, in real time."""

from __future__ import annotations

import pytest

from coordination.testing import RecipeContract, RecipeHarness
from integration.servers.faces import faces
from integration.servers.kinds import ETCD
from integration.servers.recipes import harness_on
from integration.servers.ways import Server


class TestRecipesOnEtcd(RecipeContract):
    """Each test has a prefix of its own, and each manager a connection of its own, to the next member."""

    @pytest.fixture(params=faces(ETCD))
    def harness(self, request: pytest.FixtureRequest, variant: Server) -> RecipeHarness:
        """With the shortest ttl that etcd grants."""
        return harness_on(ETCD, RecipeHarness, request, variant)
