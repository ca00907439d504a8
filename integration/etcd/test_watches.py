"""Who waits for a lease gets it soon after it is free, though watches lose events (pitfalls 19, 20)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from coordination import AcquireTimeout, Lease, Manager, OutcomeUnknown, StoreUnavailable, connect
from integration.faults.contenders import Contender
from integration.faults.held import let_go
from integration.faults.measuring import eventually, hiccups
from integration.servers import lies
from integration.servers.etcd import EtcdCluster
from integration.servers.grpc_proxy import GrpcProxy
from integration.servers.tcp_proxy import TcpProxy

pytestmark = pytest.mark.xdist_group("faults")

SOON = 1.0
"""Seconds after which a free lease must have found its next holder; promised."""

BUSY = 5.0
"""Seconds that a machine may take which others keep busy; who was never told comes after 30 at least."""


@pytest.fixture
def held(node: EtcdCluster, request: pytest.FixtureRequest) -> Iterator[Lease]:
    """A lease, for each test another, of somebody whose way to the server is undisturbed."""
    with connect(node.url, machine_id="holder") as manager:
        yield manager.wait_lease(request.node.name, period=60.0, timeout=10.0)


@pytest.fixture
def only_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiter does not look by itself for as long as a test takes: what it gets, it was told of."""
    monkeypatch.setattr("coordination.waiting.LOOK_AGAIN", 60.0)


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    """Where the waiter waits."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


def _waiting(thread: ThreadPoolExecutor, manager: Manager, held: Lease) -> Future[tuple[float, Lease]]:
    """A waiter; when it got the lease, and that."""

    def wait() -> tuple[float, Lease]:
        lease = manager.wait_lease(held.name, period=60.0, timeout=30.0)
        return time.monotonic(), lease

    waiter = thread.submit(wait)
    time.sleep(0.5)  # Long enough for its watch to be open; were it not, the test would be kinder.
    assert not waiter.done()
    return waiter


def _handed_over(held: Lease, waiter: Future[tuple[float, Lease]], within: float) -> None:
    with hiccups() as held_up:
        freed = time.monotonic()
        let_go(held)
        at, lease = waiter.result(30.0)
        assert at - freed <= within + held_up()
    assert lease.token > held.token
    let_go(lease)


def _compacted(node: EtcdCluster) -> None:
    """Revisions that concern nobody, then the past is forgotten."""
    for number in range(5):
        node.ctl("put", "elsewhere", str(number))
    revision = node.ctl("put", "elsewhere", "last", "--write-out", "fields")
    node.ctl("compact", next(line.split()[-1] for line in revision.splitlines() if "Revision" in line))


@pytest.mark.usefixtures("only_told")
def test_a_watch_resumed_before_a_compaction(
    node: EtcdCluster, held: Lease, thread: ThreadPoolExecutor
) -> None:
    """Pitfall 20, acceptance 24: its revision is gone when the stream is opened again; it reads anew."""
    with TcpProxy(node.endpoints[0]) as way, connect(f"etcd://{way.endpoint}") as manager:
        waiter = _waiting(thread, manager, held)
        for _ in range(3):
            way.black_hole()
            _compacted(node)
            way.restore()
            way.cut()
            time.sleep(0.3)
        _handed_over(held, waiter, BUSY)


@pytest.mark.usefixtures("only_told")
def test_a_watch_that_is_cancelled(node: EtcdCluster, held: Lease, thread: ThreadPoolExecutor) -> None:
    """Pitfall 20: etcd ends it instead of telling of the release; the waiter looks for itself at once."""
    with GrpcProxy(node.endpoints[0]) as way, connect(f"etcd://{way.endpoint}") as manager:
        waiter = _waiting(thread, manager, held)
        way.rewrite("Watch", lies.once(lies.cancelled))
        _handed_over(held, waiter, BUSY)


def test_a_watch_that_loses_an_event(node: EtcdCluster, held: Lease, thread: ThreadPoolExecutor) -> None:
    """Pitfall 20: the event never comes, nothing else goes wrong; looking every few seconds is the net."""
    with GrpcProxy(node.endpoints[0]) as way, connect(f"etcd://{way.endpoint}") as manager:
        waiter = _waiting(thread, manager, held)
        eventually(lambda: way.messages["Watch"] >= 1, 20.0)  # It is confirmed; what follows is the event.
        way.swallow("Watch")
        _handed_over(held, waiter, 5.0)
        assert way.pending("Watch") == 0


@pytest.mark.usefixtures("only_told")
def test_a_connection_cut_fifty_times(node: EtcdCluster, held: Lease, thread: ThreadPoolExecutor) -> None:
    """Acceptance 24: the waiter is there when it counts, and a lease kept over the same way is never lost."""
    with TcpProxy(node.endpoints[0]) as way, connect(f"etcd://{way.endpoint}") as manager:
        kept = manager.wait_lease("kept", period=9.0, timeout=10.0).keep_alive()  # renewed amid the cuts
        waiter = _waiting(thread, manager, held)
        before = way.connections
        for _ in range(50):
            way.cut()
            time.sleep(0.05)
        assert way.connections - before >= 5
        way.refuse()
        way.cut()
        let_go(held)  # While nobody listens.
        way.restore()
        restored = time.monotonic()
        at, lease = waiter.result(30.0)
        assert at - restored <= BUSY
        let_go(lease)
        assert kept.lost is None
        assert kept.held
        let_go(kept)


def test_five_hundred_hand_overs(node: EtcdCluster) -> None:
    """Pitfall 19: between two processes, the release at any moment of the other's beginning to wait."""
    rounds = 250
    with Contender("hand_over", node.url, rounds) as one, Contender("hand_over", node.url, rounds) as other:
        one.tell()
        for number in range(rounds):
            one.next("got", after=number)
            other.tell()
            other.next("got", after=number)
            if number + 1 < rounds:
                one.tell()
        other.next("freed", after=rounds - 1)
        got, freed = (
            sorted([*one.events(kind), *other.events(kind)], key=lambda event: int(event["token"]))
            for kind in ("got", "freed")
        )
    waits = [after["at"] - before["at"] for before, after in zip(freed, got[1:], strict=False)]
    assert len({event["token"] for event in got}) == 2 * rounds
    assert len(waits) == 2 * rounds - 1
    assert sorted(waits)[len(waits) * 99 // 100] <= SOON
    assert max(waits) <= BUSY


def test_what_is_watched_is_not_watched_for_ever(
    node: EtcdCluster, held: Lease, thread: ThreadPoolExecutor
) -> None:
    """A waiter that gave up leaves no watch behind: a hundred of them are one stream, and no more traffic."""
    with GrpcProxy(node.endpoints[0]) as way, connect(f"etcd://{way.endpoint}") as manager:
        assert _gave_up(manager, held.name, 5.0)
        unanswered = [_gave_up(manager, held.name, 0.05) for _ in range(100)].count(False)
        assert unanswered < 50
        assert 1 <= way.calls["Watch"] <= 1 + unanswered
        eventually(lambda: _settled(way), 20.0)
        before = way.messages["Watch"]
        for _ in range(5):
            held.renew()
        time.sleep(0.3)
        assert way.messages["Watch"] == before


def _gave_up(manager: Manager, name: str, timeout: float) -> bool:
    """Whether it waited in vain; False if the server did not even answer in that time."""
    try:
        manager.wait_lease(name, period=60.0, timeout=timeout)
    except AcquireTimeout:
        return True
    except (OutcomeUnknown, StoreUnavailable):
        return False
    raise AssertionError("somebody else holds it")


def _settled(way: GrpcProxy) -> bool:
    before = way.messages["Watch"]
    time.sleep(1.0)
    return way.messages["Watch"] == before
