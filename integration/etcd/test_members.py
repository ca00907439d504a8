"""Three nodes, some of which fail: what is held stays held, and never twice (pitfalls 21, 23, 24, 27)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from coordination import Lease, connect
from integration.etcd.contenders import Contender, overlaps
from integration.etcd.faults import Recorded, eventually, measured, own_cluster
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_member import EtcdMember
from integration.servers.grpc_proxy import GrpcProxy

pytestmark = pytest.mark.xdist_group("members")

PERIOD = 5.0

KILLS = int(os.environ.get("COORDINATION_LEADER_KILLS", "2"))
"""How often the leader is killed; `make prove` asks for 20."""

TURNS = int(os.environ.get("COORDINATION_MEMBER_TURNS", "1"))
"""How often each member is stopped in turn; `make prove` asks for more."""


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """Three nodes."""
    with own_cluster(tmp_path_factory, 3) as cluster:
        yield cluster


@pytest.fixture
def cluster(three: EtcdCluster) -> Iterator[EtcdCluster]:
    """The three nodes, healthy at the beginning and made so again at the end."""
    yield three
    for member in three.members:
        if not member.running:
            member.start()
        member.resume()
    three.wait_healthy()


@pytest.fixture
def kept(cluster: EtcdCluster) -> Iterator[Lease]:
    """A lease that is kept alive."""
    with connect(cluster.url) as manager:
        yield manager.wait_lease("job", period=PERIOD, timeout=10.0).keep_alive()


def _kept_through(lease: Lease, since: float) -> None:
    """It is held all the time, until a renewal that began a while after `since` is confirmed."""
    token = lease.token

    def renewed() -> bool:
        assert lease.held, f"lost: {lease.lost}, {time.time() - since:.2f} s after the fault"
        return lease.renewed_at > since + 1.0

    eventually(renewed, 2 * PERIOD)
    assert lease.token == token


def test_the_leader_is_killed_while_holding(
    cluster: EtcdCluster, kept: Lease, record_property: Recorded
) -> None:
    """Acceptance 15: kept, time after time, and others acquire within 5 s."""
    with connect(cluster.url) as other:
        for kill in range(KILLS):
            leader = cluster.leader()
            leader.kill()
            since = time.time()
            other.wait_lease("another", period=30.0, timeout=5.0).release()
            _kept_through(kept, since)
            record_property("kills of the leader survived", kill + 1)
            leader.start()
            cluster.wait_healthy()


def _pause(member: EtcdMember) -> Callable[[], None]:
    member.pause()
    return member.resume


def _stop(member: EtcdMember) -> Callable[[], None]:
    member.stop()
    return member.start


@pytest.mark.parametrize("fault", [_pause, _stop])
def test_each_member_stops_in_turn(
    cluster: EtcdCluster,
    kept: Lease,
    fault: Callable[[EtcdMember], Callable[[], None]],
    record_property: Recorded,
) -> None:
    """Pitfall 23: kept, whichever we talked to; a paused one keeps its connections and is silent."""
    for number, member in enumerate(cluster.members * TURNS):
        mend = fault(member)
        try:
            _kept_through(kept, time.time())
            record_property(f"members stopped ({fault.__name__.strip('_')}) and survived", number + 1)
        finally:
            mend()
        cluster.wait_healthy()


def test_all_members_restart(cluster: EtcdCluster, kept: Lease) -> None:
    """Pitfall 24: after an outage of all nobody is blacklisted: the lease goes on, an acquire takes 5 s."""
    since = time.time()
    for member in cluster.members:
        member.kill()
    for member in cluster.members:
        member.start()
    cluster.wait_healthy()
    with connect(cluster.url) as other:
        other.wait_lease("another", period=30.0, timeout=5.0).release()
    _kept_through(kept, since)


def test_quorum_is_lost_for_two_periods(cluster: EtcdCluster, record_property: Recorded) -> None:
    """Acceptance 16: two processes are never both sure; one holds within the period + 5 s of its return."""
    period = 3.0
    with Contender("contend", cluster.url, period) as one, Contender("contend", cluster.url, period) as two:
        eventually(lambda: bool(one.events("renewed") or two.events("renewed")), 20.0)
        stopped = [cluster.leader(), next(it for it in cluster.members if it is not cluster.leader())]
        for member in stopped:
            member.pause()
        time.sleep(2 * period)
        assert len(one.events("over") + two.events("over")) == 1
        for member in stopped:
            member.resume()
        back = time.time()
        held_again = eventually(
            lambda: any(event["at"] > back for event in one.events("got") + two.events("got")), period + 5.0
        )
        record_property("s from the return of the quorum to a holder, period 3 s", held_again)
        eventually(
            lambda: any(event["at"] > back for event in one.events("renewed") + two.events("renewed")),
            period + 5.0,
        )
        assert not overlaps(one, two)
        over = (one.events("over") + two.events("over"))[0]
        assert over["reason"] == "expired"


def test_streams_ask_for_a_leader(cluster: EtcdCluster) -> None:
    """Pitfall 21: without `hasleader` a stream to a member without quorum is silent for ever."""
    with GrpcProxy(cluster.endpoints[0]) as way, connect(f"etcd://{way.endpoint}") as manager:
        lost: list[str] = []
        lease = manager.wait_lease("watched", period=2.0, timeout=10.0)
        lease.keep_alive(lambda _lease, reason: lost.append(reason))
        for method in ("LeaseKeepAlive", "Watch"):
            eventually(partial(_asks_for_a_leader, way, method), 5.0)
        others = cluster.members[1:]
        for member in others:
            member.kill()
        eventually(lambda: bool(lost), 2.0 + 0.5)
        for member in others:
            member.start()
        cluster.wait_healthy()
        manager.wait_lease("watched", period=2.0, timeout=2.0 + 5.0).release()


def _asks_for_a_leader(way: GrpcProxy, method: str) -> bool:
    return ("hasleader", "true") in way.metadata.get(method, [])


def test_an_old_leader_answers_no_reads(cluster: EtcdCluster) -> None:
    """Pitfall 22: paused while another was elected, it knows the old value and believes that it leads."""
    old = cluster.leader()
    others = ",".join(member.endpoint for member in cluster.members if member is not old)
    with (
        connect(f"etcd://{others}", timeout=2.0) as writer,
        connect(f"etcd://{old.endpoint}", timeout=10.0) as reader,
        ThreadPoolExecutor(1) as thread,
    ):
        lease = writer.wait_lease("writer", period=30.0, timeout=10.0)
        lease.commit({"datum": b"old"})
        assert reader.read("datum") == b"old"
        old.pause()
        eventually(lambda: measured(lambda: lease.commit({"datum": b"new"})).error is None, 20.0)
        reading = thread.submit(reader.read, "datum")
        time.sleep(0.3)  # The question lies in its socket when it wakes up.
        old.resume()
        assert reading.result(20.0) == b"new"
        lease.release()
