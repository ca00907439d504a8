"""The way to a good server breaks: bounded calls, told in time, quick recovery (pitfalls 5, 16, 17, 24)."""

from __future__ import annotations

import pytest

from coordination import OutcomeUnknown, connect
from integration.faults.bounds_suite import SLACK, TIMEOUT
from integration.faults.broken_ways_suite import BrokenWaysSuite
from integration.faults.measuring import measured
from integration.servers.etcd import EtcdCluster
from integration.servers.grpc_proxy import GrpcProxy

pytestmark = pytest.mark.xdist_group("faults")


class TestBrokenWaysToEtcd(BrokenWaysSuite):
    """On etcd."""

    scheme = "etcd"


def test_the_way_breaks_between_two_requests(node: EtcdCluster) -> None:
    """Pitfall 17: an acquire that gets its session and no more is not kept waiting for its cleaning up."""
    with (
        GrpcProxy(node.endpoints[0]) as proxy,
        connect(f"etcd://{proxy.endpoint}", timeout=TIMEOUT) as manager,
    ):
        manager.wait_lease("first", period=30.0, timeout=10.0).release()
        proxy.swallow("Txn")
        proxy.delay("LeaseRevoke", 3.0)
        outcome = measured(lambda: manager.acquire_lease("job", period=30.0))
        assert isinstance(outcome.error, OutcomeUnknown)
        assert outcome.took <= TIMEOUT + SLACK
