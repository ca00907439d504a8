"""The servers the other tests stand on: they lead, fail, come back, and leave nothing behind."""

from __future__ import annotations

from pathlib import Path

from integration.servers.cluster_suite import AnyCluster, ClusterSuite
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary
from integration.servers.ports import Ports
from integration.servers.ways import Server


def test_some_etcd_answers_and_says_its_version(etcd: Server) -> None:
    """Whatever way it comes, `etcd` is a server of etcd v3."""
    assert etcd.version.startswith("3.")
    assert etcd.url.startswith("etcd")


class TestEtcdServers(ClusterSuite):
    """The oldest version alone, the newest as three."""

    program = (
        "from integration.servers.etcd import EtcdCluster\n"
        "from integration.servers.etcd_binaries import etcd_binary\n"
        "cluster = EtcdCluster(etcd_binary('3.5'), Path(sys.argv[1]))"
    )
    nonsense = "no-such-flag"

    def cluster(self, folder: Path, members: int = 1, *, broken: bool = False) -> EtcdCluster:
        binary = etcd_binary(VERSIONS[0] if members == 1 else VERSIONS[-1])
        return EtcdCluster(binary, folder, members, flags=[f"--{self.nonsense}=1"] if broken else [])

    def write(self, cluster: AnyCluster) -> None:
        assert isinstance(cluster, EtcdCluster)
        cluster.ctl("put", "kept", "value")

    def reads(self, cluster: AnyCluster) -> bool:
        assert isinstance(cluster, EtcdCluster)
        return "value" in cluster.ctl("get", "kept")


def test_ports_differ_between_those_who_ask_at_once() -> None:
    """A port is nobody else's until it is given back."""
    one, two = Ports(), Ports()
    try:
        taken = [ports.take() for ports in (one, two) * 20]
        assert len(set(taken)) == len(taken)
    finally:
        one.give_back()
        two.give_back()
