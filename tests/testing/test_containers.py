"""`EtcdContainer` before a stand-in for docker: what it asks for, when it is ready, what it says of failures.

That a real etcd runs in it is shown in integration/containers/.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from testcontainers.core.config import ConnectionMode
from testcontainers.core.docker_client import DockerClient

from coordination.testing import containers
from coordination.testing.containers import ContainerFailed, EtcdContainer
from tests.testing.docker_engine import Engine, docker_engine


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As .ci/docker sets it, without an image, and with nothing of the developer's own settings."""
    monkeypatch.delenv("COORDINATION_ETCD_IMAGE", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("testcontainers.core.container.c.tc_properties", {})
    monkeypatch.setenv("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
    monkeypatch.setattr("testcontainers.core.container.c.ryuk_disabled", True)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that runs whatever it is asked to."""
    with docker_engine() as running:
        monkeypatch.setenv("DOCKER_HOST", running.host)
        yield running


def test_the_url_names_the_published_port(engine: Engine) -> None:
    """Once started it tells where etcd answers, in the two forms that are needed."""
    with EtcdContainer("etcd:test") as etcd:
        assert etcd.endpoint == f"127.0.0.1:{engine.published}"
        assert etcd.url == f"etcd://127.0.0.1:{engine.published}"


def test_etcd_listens_for_the_outside_and_docker_publishes_for_this_machine(engine: Engine) -> None:
    """Inside it listens on every address; nobody but this machine reaches a server without a password."""
    with EtcdContainer("etcd:test"):
        pass
    assert engine.created["HostConfig"]["PortBindings"] == {
        "2379/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]
    }
    assert {
        "ETCD_LISTEN_CLIENT_URLS=http://0.0.0.0:2379",
        "ETCD_ADVERTISE_CLIENT_URLS=http://0.0.0.0:2379",
    } <= set(engine.created["Env"])


def test_a_docker_elsewhere_publishes_for_everybody(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """On another machine's loopback we could not reach it; the override is the host of the URL."""
    monkeypatch.setenv("TESTCONTAINERS_HOST_OVERRIDE", "docker.example")
    monkeypatch.setattr(EtcdContainer, "_trouble", lambda _self: None)
    with EtcdContainer("etcd:test") as etcd:
        assert etcd.url == f"etcd://docker.example:{engine.published}"
    assert engine.created["HostConfig"]["PortBindings"]["2379/tcp"][0]["HostIp"] == ""


@pytest.mark.parametrize(
    ("mode", "host", "published_on"),
    [
        (ConnectionMode.docker_host, "127.0.0.1", "127.0.0.1"),
        (ConnectionMode.gateway_ip, "172.17.0.1", ""),
    ],
)
def test_without_an_override_testcontainers_says_where_docker_is(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, mode: ConnectionMode, host: str, published_on: str
) -> None:
    """Beside docker the port is for this machine alone; from inside a container it could not be reached."""
    monkeypatch.delenv("TESTCONTAINERS_HOST_OVERRIDE")
    monkeypatch.setattr(DockerClient, "get_connection_mode", lambda _self: mode)
    monkeypatch.setattr(DockerClient, "gateway_ip", lambda _self, _container: host)
    monkeypatch.setattr(EtcdContainer, "_trouble", lambda _self: None)
    with EtcdContainer("etcd:test") as etcd:
        assert etcd.endpoint == f"{host}:{engine.published}"
    assert engine.created["HostConfig"]["PortBindings"]["2379/tcp"][0]["HostIp"] == published_on


@pytest.mark.parametrize(
    ("argument", "variable", "image"),
    [
        (None, None, containers.IMAGE),
        (None, "etcd:variable", "etcd:variable"),
        ("etcd:argument", "etcd:variable", "etcd:argument"),
    ],
)
def test_which_image_it_runs(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, argument: str | None, variable: str | None, image: str
) -> None:
    """The argument, else the environment, else the official image, with its version pinned."""
    if variable is not None:
        monkeypatch.setenv("COORDINATION_ETCD_IMAGE", variable)
    engine.images.add(image)
    with EtcdContainer(argument):
        pass
    assert engine.created["Image"] == image


def test_it_is_removed_at_the_end_and_stopping_twice_is_no_error(engine: Engine) -> None:
    """Nothing is left running, and a second stop finds nothing to do."""
    with EtcdContainer("etcd:test") as etcd:
        assert engine.removed == 0
    etcd.stop()
    assert engine.removed == 1


def test_a_server_that_never_answers_is_told_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait is bounded, the error shows the log and the last answer, and the container is gone."""
    monkeypatch.setattr(containers, "STARTUP", 0.3)
    with docker_engine(health='{"health":"false"}') as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.host)
        engine.log = "raft: no leader\n"
        with pytest.raises(ContainerFailed, match=r"within 0\.3 s .*false[^$]*raft: no leader"):
            EtcdContainer("etcd:test").start()
    assert engine.removed == 1


def test_a_server_that_ends_at_once_is_not_waited_for(engine: Engine) -> None:
    """Its log says why, long before the time for starting is over."""
    engine.status, engine.log = "exited", "flag provided but not defined: -nonsense\n"
    with pytest.raises(ContainerFailed, match=r"has ended \(exited\); its log:\nflag provided"):
        EtcdContainer("etcd:test").start()
    assert engine.removed == 1


def test_an_image_that_cannot_be_had_names_the_remedy(engine: Engine) -> None:
    """Where nothing can be pulled, an image can be built of any etcd binary."""
    with pytest.raises(ContainerFailed, match=r"etcd:none .*COORDINATION_ETCD_IMAGE .*build_scratch"):
        EtcdContainer("etcd:none").start()


def test_without_an_engine_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no docker running is told how to see whether he has."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(ContainerFailed, match=r"no docker engine answers .*DOCKER_HOST.*`docker info`"):
        EtcdContainer()


def test_without_testcontainers_the_remedy_is_named() -> None:
    """The import itself says what to install."""
    program = "import sys; sys.modules['testcontainers'] = None; import coordination.testing.containers"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "pip install 'coordination[testing]'" in ran.stderr.splitlines()[-1]
