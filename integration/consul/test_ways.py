"""How a Consul is found: any version will do; what is the same for all kinds, integration/etcd shows."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from integration.servers import debian, ways
from integration.servers.binaries import NoServer
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary
from integration.servers.debian import is_debian
from integration.servers.kinds import CONSUL, ETCD
from integration.servers.ways import CONTAINER, GIVEN, Variant, serve, variants

_ENDPOINTS, _PIN = "COORDINATION_TEST_CONSUL", "COORDINATION_TEST_CONSUL_WAY"
_PROGRAM = CONSUL.program


@pytest.fixture(autouse=True)
def free_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if nobody had given a server or pinned a way, and there were no Docker."""
    monkeypatch.delenv(_ENDPOINTS, raising=False)
    monkeypatch.delenv(_PIN, raising=False)
    monkeypatch.setattr(ways, "containers_work", lambda kind: False)


@pytest.mark.skipif(sys.platform != "linux" or not is_debian(), reason="this machine fetches nothing")
def test_debian_has_one_that_runs(tmp_path: Path) -> None:
    """The last that it packaged, whatever release this machine is."""
    binary = _PROGRAM.from_debian(folder=tmp_path)
    assert binary.is_relative_to(tmp_path)
    assert _PROGRAM.version_of(binary) == "1.8.7"


def test_without_any_way_the_error_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No Debian, no binary: the sentence names all that would help."""
    monkeypatch.setattr(debian, "is_debian", lambda: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoServer) as error:
        _PROGRAM.from_debian(folder=tmp_path / "cache")
    for help_ in (_ENDPOINTS, "Docker", "a folder with consul on your PATH", "this is no Debian"):
        assert help_ in str(error.value)


def test_any_version_on_the_path_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that is a Consul; something else of that name is passed by."""
    for name, program in (("other", Path("/bin/echo")), ("one", consul_binary()), ("two", consul_binary())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "consul").symlink_to(program)
    path = os.pathsep.join(str(tmp_path / name) for name in ("other", "one", "two"))
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    assert consul_binary() == tmp_path / "one/consul"
    monkeypatch.setenv(_PIN, "binary")
    assert variants(CONSUL) == [Variant("one"), Variant("three", members=3)]
    with serve(CONSUL, Variant("one"), tmp_path / "data") as server:
        version = _PROGRAM.version_of(consul_binary())
        assert (server.way, server.version, server.members) == ("binary", version, 1)
        assert isinstance(server.cluster, ConsulCluster)


def test_given_endpoints_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With COORDINATION_TEST_CONSUL nothing is started, and each of its members has a URL of its own."""
    with ConsulCluster(consul_binary(), tmp_path, 3) as cluster:
        monkeypatch.setenv(_ENDPOINTS, ",".join(cluster.endpoints))
        assert variants(CONSUL) == [GIVEN]
        with serve(CONSUL, GIVEN, tmp_path) as server:
            assert (server.way, server.members, server.url) == ("given", 3, cluster.url)
            assert server.version == _PROGRAM.version_of(cluster.binary)
            assert server.member_urls == [f"consul://{endpoint}" for endpoint in cluster.endpoints]
        assert cluster.members[0].healthy()


def test_each_kind_is_pinned_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds for Consul leaves etcd as it was; and a way that is pinned works or fails."""
    before = variants(ETCD)
    monkeypatch.setenv(_PIN, "container")
    assert (variants(CONSUL), variants(ETCD)) == ([CONTAINER], before)
    monkeypatch.setenv(_PIN, "binary")
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(NoServer, match="_WAY is binary, and no consul is on the PATH"),
        serve(CONSUL, Variant("one"), tmp_path),
    ):
        pass
