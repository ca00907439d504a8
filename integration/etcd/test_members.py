"""Three nodes, some of which fail: what is held stays held, and never twice (pitfalls 21, 23, 24, 27)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from coordination import connect
from integration.etcd.faults import own_cluster
from integration.faults.held import let_go
from integration.faults.measuring import eventually
from integration.faults.members_suite import MembersSuite
from integration.servers.etcd import EtcdCluster
from integration.servers.grpc_proxy import GrpcProxy

pytestmark = pytest.mark.xdist_group("members")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """Three nodes."""
    with own_cluster(tmp_path_factory, 3) as cluster:
        yield cluster


class TestEtcdMembers(MembersSuite):
    """Of etcd."""

    def test_streams_ask_for_a_leader(self, cluster: EtcdCluster) -> None:
        """Pitfall 21: without `hasleader` a stream to a member without quorum is silent for ever."""
        with GrpcProxy(cluster.endpoints[0]) as way, connect(f"etcd://{way.endpoint}") as manager:
            lost: list[str] = []
            lease = manager.wait_lease("watched", period=2.0, timeout=10.0)
            lease.keep_alive(lambda _lease, reason: lost.append(reason))
            for method in ("LeaseKeepAlive", "Watch"):
                eventually(partial(_asks_for_a_leader, way, method), 20.0)
            others = cluster.members[1:]
            for member in others:
                member.kill()
            eventually(lambda: bool(lost), 2.0 + 2.0)
            for member in others:
                member.start()
            cluster.wait_healthy()
            let_go(manager.wait_lease("watched", period=2.0, timeout=20.0))


def _asks_for_a_leader(way: GrpcProxy, method: str) -> bool:
    return ("hasleader", "true") in way.metadata.get(method, [])
