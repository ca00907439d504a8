"""Every call comes back in its time, whatever is at the other end (pitfalls 16, 17, 24)."""

from __future__ import annotations

import pytest

from coordination.record import Session
from coordination.stores.consul.opening import open_store
from coordination.stores.consul.store import ConsulStore
from integration.faults.bounds_suite import BoundsSuite

pytestmark = pytest.mark.xdist_group("consul-bounds")


class TestConsulBounds(BoundsSuite):
    """On Consul."""

    scheme = "consul"
    session = Session("7fffffff-0000-4000-8000-000000000000", 10.0)

    def open(self, url: str) -> ConsulStore:
        return open_store(url)
