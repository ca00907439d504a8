"""Real servers in their containers, and leases on them: what holds for etcd and for Consul."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coordination import connect
from coordination.testing.containers import ConsulContainer, ContainerFailed, EtcdContainer
from integration.faults.held import let_go
from integration.faults.measuring import eventually

ROOT = Path(__file__).resolve().parents[2]

Container = EtcdContainer | ConsulContainer


@pytest.fixture(params=["etcd", "consul"])
def server(request: pytest.FixtureRequest) -> Container:
    """Each of the servers that the tests share."""
    shared: Container = request.getfixturevalue(request.param)
    return shared


def test_leases_work_on_it(server: Container) -> None:
    """Two managers of its URL share one store, and another prefix is another store."""
    url = f"{server.url}/shop"
    with connect(url) as one, connect(url) as two, connect(server.url) as apart:
        lease = one.acquire_lease("unit", machine_id="one", period=60)
        assert lease is not None
        assert two.acquire_lease("unit", period=60) is None
        assert apart.get_lease("unit") is None
        assert lease.held
        let_go(lease)
        eventually(lambda: two.get_lease("unit") is None, 20.0)


def test_only_this_machine_reaches_it(server: Container) -> None:
    """Its port is published on the loopback, for it asks nobody for a password."""
    container = server.get_wrapped_container()
    container.reload()
    published = container.attrs["NetworkSettings"]["Ports"][f"{server.listens_on}/tcp"]
    assert {port["HostIp"] for port in published} == {"127.0.0.1"}
    assert server.endpoint == f"127.0.0.1:{published[0]['HostPort']}"


def test_two_servers_at_once(server: Container) -> None:
    """A second container is a second, empty store on a port of its own."""
    with type(server)() as other, connect(server.url) as here, connect(other.url) as there:
        assert other.url != server.url
        lease = here.acquire_lease("both", period=60)
        assert lease is not None
        assert there.get_lease("both") is None
        let_go(lease)


@pytest.mark.parametrize("kind", [EtcdContainer, ConsulContainer])
def test_nothing_is_left_of_it(kind: type[Container]) -> None:
    """With the block the container is gone, and not merely stopped."""
    with kind() as gone:
        client, label = gone.get_docker_client().client, gone.get_container_id()
        assert [container.id for container in client.containers.list(all=True)].count(label) == 1
    assert label not in [container.id for container in client.containers.list(all=True)]
    client.close()


def unable(kind: type[Container]) -> Container:
    """A container whose server refuses what it is told."""
    if kind is EtcdContainer:
        return EtcdContainer(name="coordination-nonsense").with_env("ETCD_LISTEN_CLIENT_URLS", "nonsense://")
    return ConsulContainer(name="coordination-nonsense").with_command(["agent", "-nonsense"])


@pytest.mark.parametrize("kind", [EtcdContainer, ConsulContainer])
def test_a_server_that_cannot_start_shows_its_log(kind: type[Container]) -> None:
    """The server's own words are in the error, and nothing is left of the container."""
    with pytest.raises(ContainerFailed, match=r"has ended \(exited\); its log:\n[\s\S]*nonsense"):
        unable(kind).start()
    with kind(name="coordination-nonsense"):  # the name is free again
        pass


def test_the_programs_of_the_documents_run() -> None:
    """What docs/testing.md shows of containers works as it stands there."""
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(shown) == 2
    for program in shown:
        seen: dict[str, object] = {}
        exec(program, seen)
        assert seen["lease"] is not None
