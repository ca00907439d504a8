"""Every call comes back in its time, whatever is at the other end (pitfalls 16, 17, 24)."""

from __future__ import annotations

import pytest

from coordination.record import Session
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore
from integration.faults.bounds_suite import BoundsSuite

pytestmark = pytest.mark.xdist_group("faults")


class TestEtcdBounds(BoundsSuite):
    """On etcd."""

    scheme = "etcd"
    session = Session("7fffffff", 10.0)

    def open(self, url: str) -> EtcdStore:
        return open_store(url)
