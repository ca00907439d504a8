"""The data of a cluster is gone under its clients (pitfall 35; acceptance 32)."""

from __future__ import annotations

import shutil

import pytest

from coordination import LeaseLost, StoreReplaced, connect
from integration.etcd.faults import own_cluster
from integration.faults.measuring import Recorded, eventually
from integration.servers.etcd import EtcdCluster

pytestmark = pytest.mark.xdist_group("members")

PERIOD = 12.0


def _wiped(node: EtcdCluster) -> None:
    """The same address and the same id of the cluster, and revisions that begin again."""
    (member,) = node.members
    member.kill()
    shutil.rmtree(member.folder / member.name)
    member.start(f"{member.name}={member.peer_url}")
    node.wait_healthy()


def test_nobody_believes_a_lease_of_before(
    tmp_path_factory: pytest.TempPathFactory, record_property: Recorded
) -> None:
    """Told at the next beat, long before the deadline; then nothing but errors, and the new owner is safe."""
    with own_cluster(tmp_path_factory) as node, connect(node.url) as old:
        told: list[str] = []
        lease = old.wait_lease("job", period=PERIOD, timeout=10.0)
        lease.keep_alive(lambda _lease, reason: told.append(reason))
        _wiped(node)
        record_property("s until told, of a period of 12", eventually(lambda: bool(told), PERIOD / 2))
        assert (told, lease.held) == (["revoked"], False)
        with connect(node.url) as new:
            taken = new.wait_lease("job", period=PERIOD, timeout=10.0)
            with pytest.raises(LeaseLost, match="revoked"):
                lease.release()
            with pytest.raises(StoreReplaced, match="bump-revision"):
                old.wait_lease("another", timeout=5.0)
            old.close()
            taken.renew()
            assert taken.held


def test_a_step_by_hand_says_why(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Who renews by hand hears of it with the first call, and what is behind it."""
    with own_cluster(tmp_path_factory) as node, connect(node.url) as manager:
        lease = manager.wait_lease("job", period=PERIOD, timeout=10.0)
        _wiped(node)
        with pytest.raises(LeaseLost, match="revision went back") as loss:
            lease.renew()
        assert (loss.value.reason, lease.held) == ("revoked", False)
