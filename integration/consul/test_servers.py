"""The servers the other tests stand on: they lead, fail, come back, and leave nothing behind."""

from __future__ import annotations

import time
from pathlib import Path

from integration.servers.cluster_suite import AnyCluster, ClusterSuite
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary
from integration.servers.consul_member import SESSION_TTL_MIN, ConsulMember
from integration.servers.ways import Server

_KEY = "/v1/kv/kept"


def test_some_consul_answers_and_says_its_version(consul: Server) -> None:
    """Whatever way it comes, `consul` is a server of Consul."""
    assert consul.version.startswith("1.")
    assert consul.url.startswith("consul")


class TestConsulServers(ClusterSuite):
    """One version: what there is."""

    program = (
        "from integration.servers.consul import ConsulCluster\n"
        "from integration.servers.consul_binaries import consul_binary\n"
        "cluster = ConsulCluster(consul_binary(), Path(sys.argv[1]))"
    )
    nonsense = "no_such_key"

    def cluster(self, folder: Path, members: int = 1, *, broken: bool = False) -> ConsulCluster:
        return ConsulCluster(consul_binary(), folder, members, config={self.nonsense: 1} if broken else {})

    def write(self, cluster: AnyCluster) -> None:
        assert isinstance(cluster, ConsulCluster)
        assert cluster.ask("PUT", _KEY, "value") is True

    def reads(self, cluster: AnyCluster) -> bool:
        assert isinstance(cluster, ConsulCluster)
        return cluster.ask("GET", f"{_KEY}?consistent") is not None


def test_the_last_configuration_wins(tmp_path: Path) -> None:
    """A key given replaces ours, and the others of its group stay."""
    config = {"session_ttl_min": "10s", "performance": {"leave_drain_time": "1s"}}
    with ConsulCluster(consul_binary(), tmp_path, config=config) as cluster:
        has = cluster.ask("GET", "/v1/agent/self")["DebugConfig"]
        assert (has["SessionTTLMin"], has["LeaveDrainTime"]) == ("10s", "1s")
        assert has["ConsulRaftElectionTimeout"] == "1s"
        assert has["HTTPPort"] == cluster.members[0].http_port


def test_a_session_may_be_short(node: ConsulCluster) -> None:
    """Of one second, and gone after twice as long; Consul's own least is ten."""
    wanted = {"TTL": f"{SESSION_TTL_MIN}s", "Checks": [], "LockDelay": "0s"}
    session = node.ask("PUT", "/v1/session/create", wanted)["ID"]
    assert node.ask("GET", f"/v1/session/info/{session}")
    give_up = time.monotonic() + 10.0
    while node.ask("GET", f"/v1/session/info/{session}"):
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_every_member_can_have_sessions_at_once(tmp_path: Path) -> None:
    """A cluster that counts as healthy has registered the nodes that sessions belong to."""
    with ConsulCluster(consul_binary(), tmp_path, 3) as cluster:
        assert all(_session(member) for member in cluster.members)


def _session(member: ConsulMember) -> str:
    return str(member.ask("PUT", "/v1/session/create", {"TTL": "10s", "Checks": []})["ID"])
