"""Every call comes back in its time, whatever is at the other end (pitfalls 16, 17, 24)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from coordination import Manager, StoreError, connect
from coordination.record import Guard, Session
from coordination.store import Swap
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore
from integration.etcd.faults import Recorded, all_at_once, late, measured, own_cluster, slowest, untyped
from integration.servers.etcd import EtcdCluster
from integration.servers.hostile import MANNERS, Hostile, refusing
from integration.servers.tcp_proxy import TcpProxy

pytestmark = pytest.mark.xdist_group("faults")

TIMEOUT = 0.5
"""Seconds each call is given."""
SLACK = 0.5
"""Seconds that it may take longer than that; promised, so not widened here."""

WAYS = [*sorted(MANNERS), "refusing", "slow", "black_hole", "paused"]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """An etcd of one node."""
    with own_cluster(tmp_path_factory) as cluster:
        yield cluster


@pytest.fixture(params=WAYS)
def endpoint(request: pytest.FixtureRequest, node: EtcdCluster) -> Iterator[str]:
    """An endpoint that is of no use, in one of many ways."""
    way: str = request.param
    with ExitStack() as stack:
        if way in MANNERS:
            yield stack.enter_context(Hostile(MANNERS[way])).endpoint
        elif way == "refusing":
            yield stack.enter_context(refusing())
        elif way == "paused":
            stack.callback(node.members[0].resume)
            node.members[0].pause()
            yield node.endpoints[0]
        else:
            proxy = stack.enter_context(TcpProxy(node.endpoints[0]))
            proxy.latency(5.0) if way == "slow" else proxy.black_hole()
            yield proxy.endpoint


def _store_calls(store: EtcdStore) -> dict[str, Callable[[], object]]:
    session = Session("7fffffff", 10.0)
    key, value, left = "/leases/job", b"{}", {"timeout": TIMEOUT}
    return {
        "open_session": lambda: store.open_session(10.0, **left),
        "renew_session": lambda: store.renew_session(session, **left),
        "close_session": lambda: store.close_session(session, **left),
        "create": lambda: store.create(key, value, session, **left),
        "replace": lambda: store.replace(key, value, session, 5, **left),
        "delete": lambda: store.delete(key, 5, **left),
        "read": lambda: store.read(key, **left),
        "list": lambda: store.list("/leases/", **left),
        "commit": lambda: store.commit(Guard(key, session.id), {"/data/x": b""}, [], **left),
        "health": lambda: store.health(**left),
    }


def _batched_calls(store: EtcdStore) -> dict[str, Callable[[], list[Any]]]:
    session = Session("7fffffff", 10.0)
    return {
        "replace_all": lambda: list(
            store.replace_all([Swap("/leases/job", b"{}", session, 5)] * 3, timeout=TIMEOUT)
        ),
        "renew_sessions": lambda: list(store.renew_sessions([session] * 3, timeout=TIMEOUT)),
    }


def _manager_calls(manager: Manager) -> dict[str, Callable[[], object]]:
    return {
        "acquire_lease": lambda: manager.acquire_lease("job", period=10.0),
        "steal_lease": lambda: manager.steal_lease("job", "thief", 0, 10.0, 5),
        "resume": lambda: manager.resume("job", "x" * 32),
        "get_lease": lambda: manager.get_lease("job"),
        "list_leases": manager.list_leases,
        "read": lambda: manager.read("datum"),
        "health": manager.health,
        "watch": lambda: list(itertools.islice(manager.watch("job", timeout=TIMEOUT), 3)),
    }


def test_every_store_call_is_bounded(endpoint: str, record_property: Recorded) -> None:
    """Pitfall 16: making a store sends nothing, and each call is back within its timeout, typed."""
    made = measured(lambda: open_store(f"etcd://{endpoint}"))
    assert made.value is not None
    assert made.took < 0.3
    store = made.value
    try:
        outcomes = all_at_once(_store_calls(store))
        batches = all_at_once(_batched_calls(store))
    finally:
        closed = measured(store.close)
    record_property("s of the slowest call, timeout 0.5 s", slowest({**outcomes, **batches}))
    record_property("s of the slowest close", closed.took)
    assert not late({**outcomes, **batches}, TIMEOUT + SLACK)
    assert not untyped(outcomes)
    errors = [answer for outcome in batches.values() for answer in outcome.value or [None]]
    assert all(isinstance(error, StoreError) for error in errors), batches
    assert closed.took < 1.5


def test_every_manager_call_is_bounded(endpoint: str, record_property: Recorded) -> None:
    """Pitfall 16, acceptance 12: one floor up; connecting sends nothing, closing takes 1.5 s."""
    made = measured(lambda: connect(f"etcd://{endpoint}", timeout=TIMEOUT))
    assert made.value is not None
    assert made.took < 0.3
    try:
        outcomes = all_at_once(_manager_calls(made.value))
    finally:
        closed = measured(made.value.close)
    record_property("s of the slowest call, timeout 0.5 s", slowest(outcomes))
    record_property("s of the slowest close", closed.took)
    assert not late(outcomes, TIMEOUT + SLACK)
    assert not untyped(outcomes)
    assert closed.took <= 1.5


@pytest.mark.parametrize("manner", sorted(MANNERS))
def test_one_of_two_endpoints_is_of_no_use(node: EtcdCluster, manner: str) -> None:
    """Pitfall 23: whichever is asked first, the other one answers within the time of the same call."""
    with Hostile(MANNERS[manner]) as bad:
        for _ in range(3):
            url = f"etcd://{bad.endpoint},{node.endpoints[0]}"
            with connect(url, namespace=manner, timeout=1.0) as manager:
                lease = manager.acquire_lease("job", period=30.0)
                assert lease is not None
                assert lease.release()
