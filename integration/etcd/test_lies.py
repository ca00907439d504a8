"""A server that answers, in correct gRPC, what cannot be: a typed error, never a false belief."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coordination import OutcomeUnknown, StoreError, StoreRefused, StoreUnavailable
from coordination.record import Record, Session
from coordination.store import Swap
from coordination.stores.etcd.dialing import LARGEST_ANSWER
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore
from integration.faults.measuring import hiccups, measured
from integration.servers import lies
from integration.servers.etcd import EtcdCluster
from integration.servers.grpc_proxy import GrpcProxy

pytestmark = pytest.mark.xdist_group("faults")

TIMEOUT = 1.0
SLACK = 0.5
PATIENCE = 10.0
"""Seconds for a call that a busy machine must have time for."""
KEY = "/leases/job"


@pytest.fixture
def proxy(node: EtcdCluster) -> Iterator[GrpcProxy]:
    """Where the lies are told."""
    with GrpcProxy(node.endpoints[0]) as proxy:
        yield proxy
    node.ctl("del", KEY)


@pytest.fixture
def store(proxy: GrpcProxy) -> Iterator[EtcdStore]:
    """Who is lied to."""
    store = open_store(f"etcd://{proxy.endpoint}")
    yield store
    store.close()


def _failed(call: Callable[[], Any]) -> StoreError:
    with hiccups() as held_up:
        outcome = measured(call)
        assert outcome.took <= TIMEOUT + SLACK + held_up()
    assert isinstance(outcome.error, StoreError), outcome
    return outcome.error


NONSENSE = [lies.nonsense, lies.another_type, lies.empty]


@pytest.mark.parametrize("ttl", [-(2**63), -1, 0, lies.LARGEST])
def test_a_grant_of_a_ttl_that_cannot_be(proxy: GrpcProxy, store: EtcdStore, ttl: int) -> None:
    """Pitfall 4: an error, not a session that never ends or has ended."""
    proxy.rewrite("LeaseGrant", lies.granted(ttl))
    _failed(lambda: store.open_session(10.0, timeout=TIMEOUT))


@pytest.mark.parametrize("lie", [*NONSENSE, lies.granted(10, lease=4711)])
def test_a_grant_that_makes_no_sense(proxy: GrpcProxy, store: EtcdStore, lie: lies.Lie) -> None:
    """It was made all the same: an error, or the session as etcd itself keeps it."""
    proxy.rewrite("LeaseGrant", lie)
    with hiccups() as held_up:
        opened = measured(lambda: store.open_session(10.0, timeout=TIMEOUT))
        assert opened.took <= TIMEOUT + SLACK + held_up()
    if opened.value is None:
        assert isinstance(opened.error, StoreError)
    else:
        assert opened.value.ttl == 10.0
        assert store.renew_session(opened.value, timeout=PATIENCE) == opened.value


@pytest.mark.parametrize("lie", [*NONSENSE[:2], lies.kept(lease=4711)])
def test_a_keepalive_that_says_nothing(proxy: GrpcProxy, store: EtcdStore, lie: lies.Lie) -> None:
    """Pitfall 29: an answer without sense, or about another lease, is no renewal and no loss either."""
    session = store.open_session(10.0, timeout=PATIENCE)
    proxy.rewrite("LeaseKeepAlive", lie)
    error = _failed(lambda: store.renew_session(session, timeout=TIMEOUT))
    assert isinstance(error, (StoreUnavailable, OutcomeUnknown))
    proxy.rewrite("LeaseKeepAlive", None)
    assert store.renew_session(session, timeout=PATIENCE) == session


@pytest.mark.parametrize("ttl", [11, lies.LARGEST])
def test_a_keepalive_that_promises_too_much(proxy: GrpcProxy, store: EtcdStore, ttl: int) -> None:
    """Pitfall 4: no more is believed than was granted."""
    session = store.open_session(10.0, timeout=PATIENCE)
    proxy.rewrite("LeaseKeepAlive", lies.kept(ttl))
    assert store.renew_session(session, timeout=PATIENCE) == session


@pytest.mark.parametrize("ttl", [0, -1, -(2**63)])
def test_a_keepalive_without_time(proxy: GrpcProxy, store: EtcdStore, ttl: int) -> None:
    """Pitfall 29: etcd says so of a lease that is not there; it is lost."""
    session = store.open_session(10.0, timeout=PATIENCE)
    proxy.rewrite("LeaseKeepAlive", lies.kept(ttl))
    assert store.renew_session(session, timeout=PATIENCE) is None


TRANSACTION = [*NONSENSE, *(lies.at_revision("TxnResponse", revision) for revision in (-(2**63), -1, 0))]


def _created(store: EtcdStore) -> tuple[Session, Record]:
    session = store.open_session(10.0, timeout=PATIENCE)
    record = store.create(KEY, b"{}", session, timeout=PATIENCE)
    assert record is not None
    return session, record


@pytest.mark.parametrize("lie", TRANSACTION)
def test_a_false_transaction(proxy: GrpcProxy, store: EtcdStore, lie: lies.Lie) -> None:
    """Pitfall 18: a write whose answer makes no sense may have been applied, and is said to be unknown."""
    session, record = _created(store)
    proxy.rewrite("Txn", lie)
    calls: list[Callable[[], Any]] = [
        lambda: store.create(f"{KEY}-2", b"{}", session, timeout=TIMEOUT),
        lambda: store.replace(KEY, b"{}", session, record.index, timeout=TIMEOUT),
        lambda: store.delete(KEY, record.index, timeout=TIMEOUT),
    ]
    for call in calls:
        assert isinstance(_failed(call), OutcomeUnknown)


def test_a_transaction_without_its_answers(proxy: GrpcProxy, store: EtcdStore) -> None:
    """It says that it succeeded, and nothing of what was there: unknown, not an IndexError."""
    session, record = _created(store)
    proxy.rewrite("Txn", lies.succeeded_without_answers)
    swap = Swap(KEY, b"{}", session, record.index)
    error = _failed(lambda: store.replace(KEY, b"{}", session, record.index, timeout=TIMEOUT))
    assert isinstance(error, OutcomeUnknown)
    assert all(isinstance(each, OutcomeUnknown) for each in store.replace_all([swap], timeout=TIMEOUT))


@pytest.mark.parametrize("kind", ["TxnResponse", "RangeResponse"])
def test_a_revision_beyond_all_measure(proxy: GrpcProxy, store: EtcdStore, kind: str) -> None:
    """Pitfall 35: it may be believed once; when the true revision comes, it has gone back: refused."""
    session, record = _created(store)
    proxy.rewrite(kind.removesuffix("Response"), lies.at_revision(kind, lies.LARGEST))
    if kind == "TxnResponse":
        measured(lambda: store.replace(KEY, b"{}", session, record.index, timeout=PATIENCE))
    else:
        measured(lambda: store.read(KEY, timeout=PATIENCE))
    proxy.rewrite(kind.removesuffix("Response"), None)
    assert isinstance(_failed(lambda: store.read(KEY, timeout=TIMEOUT)), StoreRefused)


# The proxy is of our own process: to copy more than it takes would only measure its own use of the GIL.
@pytest.mark.parametrize("lie", [*NONSENSE[:2], lies.stuffed(LARGEST_ANSWER + (1 << 20))])
def test_a_false_reading(proxy: GrpcProxy, store: EtcdStore, lie: lies.Lie) -> None:
    """Nonsense, or more bytes than any answer can have, is a typed error in time."""
    _created(store)
    proxy.rewrite("Range", lie)
    _failed(lambda: store.read(KEY, timeout=TIMEOUT))
    _failed(lambda: store.list("/leases/", timeout=TIMEOUT))
    proxy.rewrite("Range", None)
    assert store.read(KEY, timeout=PATIENCE) is not None


def test_a_bomb() -> None:
    """An answer that is a hundred times larger than it travels is not taken, and fails in time."""
    with lies.bomb(64 << 20) as endpoint:
        store = open_store(f"etcd://{endpoint}")
        try:
            _failed(lambda: store.read(KEY, timeout=TIMEOUT))
            _failed(lambda: store.open_session(10.0, timeout=TIMEOUT))
        finally:
            store.close()
