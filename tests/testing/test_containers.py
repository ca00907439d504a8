"""The containers before a stand-in for docker: what they ask for, when they are ready, how they fail.

That real servers run in them is shown in integration/containers/.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from testcontainers.core.config import ConnectionMode
from testcontainers.core.docker_client import DockerClient

from coordination.testing.containers import ConsulContainer, ContainerFailed, EtcdContainer, common
from tests.testing.docker_engine import Engine, docker_engine

Kind = type[EtcdContainer] | type[ConsulContainer]


@pytest.fixture(params=[EtcdContainer, ConsulContainer], ids=["etcd", "consul"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of them; the stand-in has an image `etcd:test` and one `consul:test`."""
    chosen: Kind = request.param
    return chosen


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As .ci/docker sets it, without images, and with nothing of the developer's own settings."""
    monkeypatch.delenv("COORDINATION_ETCD_IMAGE", raising=False)
    monkeypatch.delenv("COORDINATION_CONSUL_IMAGE", raising=False)
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


def run(kind: Kind) -> None:
    """Start one of the stand-in's image, and stop it."""
    with kind(f"{kind.scheme}:test"):
        pass


def test_the_url_names_the_published_port(kind: Kind, engine: Engine) -> None:
    """Once started it tells where the server answers, in the two forms that are needed."""
    with kind(f"{kind.scheme}:test") as server:
        assert server.endpoint == f"127.0.0.1:{engine.published}"
        assert server.url == f"{kind.scheme}://127.0.0.1:{engine.published}"


@pytest.mark.parametrize(("kind", "port"), [(EtcdContainer, "2379/tcp"), (ConsulContainer, "8500/tcp")])
def test_docker_publishes_for_this_machine(kind: Kind, port: str, engine: Engine) -> None:
    """Nobody but this machine reaches a server that asks for no password."""
    run(kind)
    assert engine.created["HostConfig"]["PortBindings"] == {port: [{"HostIp": "127.0.0.1", "HostPort": ""}]}


def test_etcd_listens_for_the_outside(engine: Engine) -> None:
    """Inside the container it listens on every address, by the variables it reads itself."""
    run(EtcdContainer)
    where = "http://0.0.0.0:2379"
    wanted = {f"ETCD_{what}_CLIENT_URLS={where}" for what in ("LISTEN", "ADVERTISE")}
    assert wanted <= set(engine.created["Env"])


@pytest.mark.parametrize(("least", "said"), [(None, []), (1, ['"1s"']), (0.5, ['"0.5s"'])])
def test_consul_listens_for_the_outside(least: float | None, said: list[str], engine: Engine) -> None:
    """It is told so in its command, and there too which sessions it may grant, if that is wanted."""
    with ConsulContainer("consul:test", session_ttl_min=least):
        pass
    more = [f"-hcl=session_ttl_min = {duration}" for duration in said]
    assert engine.created["Cmd"] == ["agent", "-dev", "-client=0.0.0.0", "-log-level=info", *more]


def test_a_docker_elsewhere_publishes_for_everybody(
    kind: Kind, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine's loopback we could not reach it; the override is the host of the URL."""
    monkeypatch.setenv("TESTCONTAINERS_HOST_OVERRIDE", "docker.example")
    monkeypatch.setattr(kind, "_trouble", lambda _self: None)
    with kind(f"{kind.scheme}:test") as server:
        assert server.url == f"{kind.scheme}://docker.example:{engine.published}"
    (binding,) = engine.created["HostConfig"]["PortBindings"].values()
    assert binding[0]["HostIp"] == ""


BESIDE, INSIDE = ConnectionMode.docker_host, ConnectionMode.gateway_ip


@pytest.mark.parametrize(
    ("mode", "host", "published_on"), [(BESIDE, "127.0.0.1", "127.0.0.1"), (INSIDE, "172.17.0.1", "")]
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


@pytest.mark.parametrize("argument", [None, "of:argument"])
@pytest.mark.parametrize("variable", ["", "of:variable"])
def test_which_image_it_runs(
    kind: Kind, engine: Engine, monkeypatch: pytest.MonkeyPatch, argument: str | None, variable: str
) -> None:
    """The argument, else the environment, else the official image."""
    monkeypatch.setenv(f"COORDINATION_{kind.scheme.upper()}_IMAGE", variable)
    engine.images |= {"of:argument", "of:variable", kind.official_image}
    with kind(argument):
        pass
    assert engine.created["Image"] == (argument or variable or kind.official_image)


def test_the_official_images_are_pinned() -> None:
    """A test of next year runs on the server of today."""
    for official in (EtcdContainer.official_image, ConsulContainer.official_image):
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", official)


def test_it_is_removed_at_the_end_and_stopping_twice_is_no_error(kind: Kind, engine: Engine) -> None:
    """Nothing is left running, and a second stop finds nothing to do."""
    with kind(f"{kind.scheme}:test") as server:
        assert engine.removed == 0
    server.stop()
    assert engine.removed == 1


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (EtcdContainer, '{"health":"false"}'),
        (ConsulContainer, "No cluster leader"),
        (ConsulContainer, "[]"),  # a leader that does not know its own node yet, and so has no sessions
    ],
)
def test_a_server_that_is_never_ready_is_told_with_its_log(
    kind: Kind, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait is bounded, the error shows the log and the last answer, and the container is gone."""
    monkeypatch.setattr(common, "STARTUP", 0.3)
    with docker_engine(health=says) as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.host)
        engine.log = "raft: no leader\n"
        with pytest.raises(ContainerFailed, match=rf"within 0\.3 s .*{re.escape(says)}[^$]*raft: no leader"):
            run(kind)
    assert engine.removed == 1


def test_a_server_that_ends_at_once_is_not_waited_for(kind: Kind, engine: Engine) -> None:
    """Its log says why, long before the time for starting is over."""
    engine.status, engine.log = "exited", "flag provided but not defined: -nonsense\n"
    ended = rf"the {kind.scheme} container of .* has ended \(exited\); its log:\nflag provided"
    with pytest.raises(ContainerFailed, match=ended):
        run(kind)
    assert engine.removed == 1


@pytest.mark.usefixtures("engine")
def test_an_image_that_cannot_be_had_names_the_remedy(kind: Kind) -> None:
    """Where nothing can be pulled, an image can be built of any binary."""
    remedy = (
        rf"{kind.scheme}:none .*COORDINATION_{kind.scheme.upper()}_IMAGE .*build_scratch.* {kind.scheme} bin"
    )
    with pytest.raises(ContainerFailed, match=remedy):
        kind(f"{kind.scheme}:none").start()


def test_without_an_engine_the_remedy_is_named(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no docker running is told how to see whether he has."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(ContainerFailed, match=r"no docker engine answers .*DOCKER_HOST.*`docker info`"):
        kind()


def test_without_testcontainers_the_remedy_is_named() -> None:
    """The import itself says what to install."""
    program = "import sys; sys.modules['testcontainers'] = None; import coordination.testing.containers"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "pip install 'coordination[testing]'" in ran.stderr.splitlines()[-1]
