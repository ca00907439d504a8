"""The way to a good server breaks: bounded calls, told in time, quick recovery (pitfalls 5, 16, 17, 24)."""

from __future__ import annotations

import pytest

from coordination import OutcomeUnknown, connect
from integration.faults.bounds_suite import SLACK
from integration.faults.broken_ways_suite import BrokenWaysSuite
from integration.faults.held import let_go
from integration.faults.measuring import hiccups, measured
from integration.servers.etcd import EtcdCluster
from integration.servers.grpc_proxy import GrpcProxy

pytestmark = pytest.mark.xdist_group("faults")

PATIENT = 2.0
"""Seconds for each request: time enough for the first of two on a busy machine."""


class TestBrokenWaysToEtcd(BrokenWaysSuite):
    """On etcd."""

    scheme = "etcd"


def test_the_way_breaks_between_two_requests(node: EtcdCluster) -> None:
    """Pitfall 17: an acquire that gets its session and no more is not kept waiting for its cleaning up."""
    with (
        GrpcProxy(node.endpoints[0]) as proxy,
        connect(f"etcd://{proxy.endpoint}", timeout=PATIENT) as manager,
    ):
        let_go(manager.wait_lease("first", period=30.0, timeout=10.0))
        proxy.swallow("Txn")
        proxy.delay("LeaseRevoke", 2 * PATIENT)
        with hiccups() as held_up:
            outcome = measured(lambda: manager.acquire_lease("job", period=30.0))
            assert outcome.took <= PATIENT + SLACK + held_up()
        assert isinstance(outcome.error, OutcomeUnknown)
