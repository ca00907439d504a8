"""The data of a Consul is gone, or older than it was, under its clients (pitfall 35; acceptance 32)."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coordination import LeaseLost, StoreReplaced, connect
from integration.faults.measuring import Recorded, eventually
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary

pytestmark = pytest.mark.xdist_group("consul-loss")

PERIOD = 12.0
SHORT = 2.0


@pytest.fixture
def node(tmp_path: Path) -> Iterator[ConsulCluster]:
    """One of this test's own."""
    with ConsulCluster(consul_binary(), tmp_path) as cluster:
        yield cluster


def _wiped(node: ConsulCluster) -> None:
    """Made anew at the same address, as after the loss of a disk; indexes begin again."""
    (member,) = node.members
    member.kill()
    shutil.rmtree(member.folder / member.name)
    member.start()
    node.wait_healthy()


def _backed_up(node: ConsulCluster) -> Callable[[ConsulCluster], None]:
    """Copies its data; what is answered puts them back, with the indexes of then."""
    (member,) = node.members
    data, copy = member.folder / member.name, member.folder / "backup"
    member.stop()
    shutil.copytree(data, copy)
    member.start()
    node.wait_healthy()

    def put_back(node: ConsulCluster) -> None:
        member.kill()
        shutil.rmtree(data)
        shutil.copytree(copy, data)
        member.start()
        node.wait_healthy()

    return put_back


@pytest.mark.parametrize("backup", [False, True], ids=["wiped", "put back"])
def test_nobody_believes_a_lease_of_before(
    node: ConsulCluster, backup: bool, record_property: Recorded
) -> None:
    """Told long before the deadline; then nothing but errors, and the new owner is safe."""
    replace = _backed_up(node) if backup else _wiped
    with connect(node.url) as old:
        told: list[str] = []
        lease = old.wait_lease("job", period=PERIOD, timeout=10.0)
        lease.keep_alive(lambda _lease, reason: told.append(reason))
        for number in range(60):
            lease.commit({"number": str(number)})
        tokens = {lease.token}
        replace(node)
        record_property("s until told, of a period of 12", eventually(lambda: bool(told), PERIOD / 2))
        assert (told, lease.held) == (["revoked"], False)
        with connect(node.url) as new:
            taken = new.wait_lease("job", period=PERIOD, timeout=10.0)
            with pytest.raises(LeaseLost, match="revoked"):
                lease.release()
            for _ in range(3):
                with pytest.raises(StoreReplaced, match="restored or replaced"):
                    tokens.add(old.wait_lease("another", period=SHORT, timeout=5.0).token)
            assert tokens == {lease.token}
            # What was written before that was noticed hangs on a session that nobody renews.
            new.wait_lease("another", period=SHORT, timeout=2 * SHORT + 3.0).release()
            old.close()
            taken.renew()
            assert taken.held


def test_a_step_by_hand_says_so(node: ConsulCluster) -> None:
    """Who renews by hand hears of it with the first call."""
    with connect(node.url) as manager:
        lease = manager.wait_lease("job", period=PERIOD, timeout=10.0)
        _wiped(node)
        with pytest.raises(LeaseLost) as loss:
            lease.renew()
        assert (loss.value.reason, lease.held) == ("revoked", False)


def _snapshot(node: ConsulCluster, method: str, content: bytes | None = None) -> bytes:
    connection: http.client.HTTPConnection = node.members[0].connection(10.0)
    try:
        connection.request(method, "/v1/snapshot", content)
        answer = connection.getresponse()
        said = answer.read()
    finally:
        connection.close()
    assert answer.status == http.client.OK, said
    return said


def test_a_snapshot_of_before_is_restored(node: ConsulCluster) -> None:
    """By Consul's own tool, raft goes on counting: the loss is told, and no token comes twice."""
    with connect(node.url) as one, connect(node.url) as two:
        first = one.wait_lease("job", period=SHORT, timeout=10.0)
        saved = _snapshot(node, "GET")
        first.release()
        told: list[str] = []
        second = two.wait_lease("job", period=PERIOD, timeout=10.0)
        second.keep_alive(lambda _lease, reason: told.append(reason))
        _snapshot(node, "PUT", saved)
        eventually(lambda: bool(told), PERIOD / 2)
        assert not second.held
        assert not first.held
        with pytest.raises(LeaseLost):
            second.renew()
        third = one.wait_lease("job", period=PERIOD, timeout=2 * SHORT + 5.0)
        assert third.token > second.token > first.token
        third.release()
