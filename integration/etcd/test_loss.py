"""Who loses a lease is told, soon and with the reason (pitfalls 5, 27, 28, 29; acceptance 11, 14, 22)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from coordination import Manager, connect
from coordination.record import Session
from coordination.stores.etcd.opening import open_store
from integration.etcd.contenders import Contender, overlaps
from integration.etcd.faults import eventually, measured, own_cluster
from integration.etcd.held import Held
from integration.servers.etcd import EtcdCluster

pytestmark = pytest.mark.xdist_group("members")

SOON = 1.0
"""Seconds; typical is a twentieth of it, which `make prove` measures. On a busy machine this is the bound."""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """An etcd of one node."""
    with own_cluster(tmp_path_factory) as cluster:
        yield cluster


@pytest.fixture
def manager(node: EtcdCluster) -> Iterator[Manager]:
    """The holder's."""
    with connect(node.url, namespace="ns", machine_id="holder") as manager:
        yield manager


def _revoke(node: EtcdCluster, held: Held) -> None:
    node.ctl("lease", "revoke", held.session)


def _delete(node: EtcdCluster, held: Held) -> None:
    assert node.ctl("del", held.key).strip() == "1"


def _steal(node: EtcdCluster, held: Held) -> None:
    with connect(node.url, namespace="ns", machine_id="thief") as thief:
        assert thief.steal_lease(held.lease.name, None, 0, 30.0, held.lease.index) is not None


def _overwrite(node: EtcdCluster, held: Held) -> None:
    node.ctl("put", held.key, "what a stranger wrote")


@pytest.mark.parametrize(
    ("take", "reasons"),
    [
        (_revoke, {"revoked"}),
        (_delete, {"deleted"}),
        (_steal, {"stolen"}),
        (_overwrite, {"stolen", "broken"}),
    ],
)
def test_a_loss_is_told_at_once(
    node: EtcdCluster, manager: Manager, take: Callable[[EtcdCluster, Held], None], reasons: set[str]
) -> None:
    """Pitfall 28, acceptance 22: a watch tells it; the next renewal, up to 10 s away, is not waited for."""
    held = Held(manager, f"taken-by{take.__name__}", period=30.0)
    time.sleep(0.3)  # so that it is not the first beat, but the watch, that notices
    take(node, held)
    since = time.time()
    at, reason = held.told.get(timeout=10.0)
    assert reason in reasons
    assert at - since <= SOON
    assert not held.lease.held
    assert held.told.empty()
    node.ctl("del", held.key)


def test_a_revoked_session_is_lost_without_any_error(node: EtcdCluster) -> None:
    """Pitfall 29: a keepalive of an unknown lease is answered with ttl 0, not with an error: None."""
    store = open_store(node.url)
    try:
        session = store.open_session(30.0, timeout=5.0)
        assert store.renew_session(session, timeout=5.0) == session
        node.ctl("lease", "revoke", session.id)
        assert store.renew_session(session, timeout=5.0) is None
        assert store.renew_session(Session("7ffffffffffffff", 30.0), timeout=5.0) is None
    finally:
        store.close()


def test_a_silent_server_is_a_loss_within_the_period(node: EtcdCluster, manager: Manager) -> None:
    """Pitfall 5, acceptance 11: SIGSTOP; told once, within the period after the last good renewal."""
    held = Held(manager, "paused", period=3.0)
    node.members[0].pause()
    try:
        at, reason = held.told.get(timeout=10.0)
    finally:
        node.members[0].resume()
    assert reason == "expired"
    assert at <= held.lease.renewed_at + 3.0
    assert not held.lease.held
    assert held.told.empty()


def test_a_silent_server_does_not_hold_up_a_look(node: EtcdCluster, manager: Manager) -> None:
    """Pitfall 6: whether it is held is known without asking anybody, at any time."""
    held = Held(manager, "looked-at", period=3.0)
    node.members[0].pause()
    try:
        looks = [measured(lambda: held.lease.held) for _ in range(200)]
    finally:
        node.members[0].resume()
    assert max(look.took for look in looks) < 0.25
    held.lease.release()


def test_a_killed_holder_is_followed_within_its_period(node: EtcdCluster, manager: Manager) -> None:
    """Pitfall 27, acceptance 14: kill -9; etcd notices an expiry some 0.5 s late, and the next one has it."""
    with Contender("contend", node.url, 3.0) as holder:
        token = holder.next("got")["token"]
        renewed = holder.next("renewed", after=2)["at"]
        holder.kill()
    with connect(node.url) as other:
        lease = other.wait_lease("contended", period=3.0, timeout=30.0)
        taken_after = time.time() - renewed
        assert lease.token > token
        assert 3.0 - 0.25 <= taken_after <= 3.0 + 1.0 + 0.5
        lease.release()


def test_who_was_stopped_wakes_up_without_it(node: EtcdCluster) -> None:
    """Pitfall 30, acceptance 18: SIGSTOP for longer than the period, of the holder and then of a waiter."""
    with Contender("contend", node.url, 2.0) as first, Contender("contend", node.url, 2.0) as second:
        eventually(lambda: bool(first.events("renewed") or second.events("renewed")), 20.0)
        holder, waiter = (first, second) if first.events("renewed") else (second, first)
        holder.pause()
        waiter.next("got", within=2.0 + 1.0 + 1.0)
        holder.resume()
        holder.next("over")
        assert not overlaps(first, second)
        sleeper, gone = holder, waiter
        sleeper.pause()
        gone.kill()
        time.sleep(4.0)
        sleeper.resume()
        token = sleeper.next("got", after=1)["token"]
        assert sleeper.next("renewed", after=len(sleeper.events("renewed")) + 1)["token"] == token
        assert not overlaps(first, second)
