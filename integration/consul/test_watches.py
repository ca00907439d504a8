"""Watches on a real Consul: how soon a release is heard, and that no change is missed."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from coordination import connect
from integration.consul.watchers import (
    SOON,
    Told,
    leases,
    moved,
    stores,
    writes,
)
from integration.servers.cluster_suite import eventually
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary
from integration.servers.tcp_proxy import TcpProxy

pytestmark = pytest.mark.xdist_group("consul-watches")


def test_a_release_is_heard_at_once(node: ConsulCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits has the lease before one would notice; it does not look by itself here."""
    monkeypatch.setattr("coordination.waiting.LOOK_AGAIN", 60.0)
    waits = []
    with connect(node.url) as one, connect(node.url) as other, ThreadPoolExecutor(1) as pool:
        held = one.wait_lease("handed over", period=60.0, timeout=10.0)
        for holder in [other, one] * 15:
            waiter = pool.submit(holder.wait_lease, "handed over", period=60.0, timeout=30.0)
            time.sleep(0.2)  # Long enough for its watch to be open; were it not, the test would be kinder.
            assert not waiter.done()
            freed = time.monotonic()
            assert held.release()
            held = waiter.result(30.0)
            waits.append(time.monotonic() - freed)
        held.release()
    assert statistics.median(waits) <= 0.1
    assert max(waits) <= SOON


@pytest.mark.parametrize("guarded", [1, 40])
def test_nothing_is_missed_when_connections_break(node: ConsulCluster, guarded: int) -> None:
    """Cut again and again, also while something changes that nobody hears."""
    told = Told()
    with TcpProxy(node.endpoints[0]) as way, stores(way.endpoint, node.endpoints[0]) as (store, thief):
        records = leases(thief, guarded)
        for record in records:
            store.watch(record.key, record.index, told, timeout=10.0)
        for number in range(10):
            way.cut()
            time.sleep(0.02 * number)
        way.refuse()
        way.cut()
        changed = [moved(thief, record) for record in records]
        way.restore()
        for record in changed:
            assert told.within(20.0, record.key, record.index)


@pytest.mark.parametrize("guarded", [1, 40])
def test_nothing_is_missed_when_the_leader_changes(tmp_path: Path, guarded: int) -> None:
    """Three servers, the leader killed under the polls, and a change right after the next one leads."""
    told = Told()
    with ConsulCluster(consul_binary(), tmp_path, members=3) as cluster:
        all_ = ",".join(cluster.endpoints)
        with stores(all_, all_) as (store, thief):
            records = leases(thief, guarded)
            for record in records:
                store.watch(record.key, record.index, told, timeout=10.0)
            for _ in range(2):
                leader = cluster.leader()
                leader.kill()
                assert eventually(lambda: writes(thief), 30.0)
                records = [moved(thief, record) for record in records]
                for record in records:
                    assert told.within(20.0, record.key, record.index)
                leader.start()
                cluster.wait_healthy()
            thief.delete(records[-1].key, records[-1].index, timeout=10.0)
            assert told.within(20.0, records[-1].key, 0)
