"""A real etcd in `EtcdContainer`, and leases on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coordination import connect
from coordination.testing.containers import ContainerFailed, EtcdContainer

ROOT = Path(__file__).resolve().parents[2]


def test_leases_work_on_it(etcd: EtcdContainer) -> None:
    """Two managers of its URL share one store, and another prefix is another store."""
    with connect(f"{etcd.url}/shop") as one, connect(f"{etcd.url}/shop") as two, connect(etcd.url) as apart:
        lease = one.acquire_lease("unit", machine_id="one", period=60)
        assert lease is not None
        assert two.acquire_lease("unit", period=60) is None
        assert apart.get_lease("unit") is None
        assert lease.release()
        assert two.get_lease("unit") is None


def test_only_this_machine_reaches_it(etcd: EtcdContainer) -> None:
    """Its port is published on the loopback, for it asks nobody for a password."""
    container = etcd.get_wrapped_container()
    container.reload()
    published = container.attrs["NetworkSettings"]["Ports"]["2379/tcp"]
    assert {port["HostIp"] for port in published} == {"127.0.0.1"}
    assert etcd.endpoint == f"127.0.0.1:{published[0]['HostPort']}"


def test_two_servers_at_once(etcd: EtcdContainer) -> None:
    """A second container is a second, empty store on a port of its own."""
    with EtcdContainer() as other, connect(etcd.url) as here, connect(other.url) as there:
        assert other.url != etcd.url
        lease = here.acquire_lease("both", period=60)
        assert lease is not None
        assert there.get_lease("both") is None
        lease.release()


def test_nothing_is_left_of_it() -> None:
    """With the block the container is gone, and not merely stopped."""
    with EtcdContainer() as gone:
        client, label = gone.get_docker_client().client, gone.get_container_id()
        assert [container.id for container in client.containers.list(all=True)].count(label) == 1
    assert label not in [container.id for container in client.containers.list(all=True)]
    client.close()


def test_a_server_that_cannot_start_shows_its_log() -> None:
    """etcd's own words are in the error, and nothing is left of the container."""
    etcd = EtcdContainer(name="coordination-nonsense").with_env("ETCD_LISTEN_CLIENT_URLS", "nonsense://")
    with pytest.raises(ContainerFailed, match=r"has ended \(exited\); its log:\n[\s\S]*nonsense"):
        etcd.start()
    with EtcdContainer(name="coordination-nonsense"):  # the name is free again
        pass


def test_the_program_of_the_documents_runs() -> None:
    """What docs/testing.md shows of a container works as it stands there."""
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(shown) == 1
    seen: dict[str, object] = {}
    exec(shown[0], seen)
    assert seen["lease"] is not None
