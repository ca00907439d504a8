"""A database that is full: etcd answers the same error to writes it refuses and to writes it has applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from coordination import CoordinationError, Manager, OutcomeUnknown, connect
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore
from integration.faults.held import let_go
from integration.faults.measuring import eventually, measured
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary

pytestmark = pytest.mark.xdist_group("security")

Start = Callable[[], EtcdCluster]

QUOTA = 4_000_000
WRITERS = 16


TRIES = 12
"""Databases to fill until one is crossed by a write: it takes two that arrive at the same instant."""


@pytest.fixture(params=VERSIONS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with ExitStack() as running:

        def start() -> EtcdCluster:
            flags = ["--quota-backend-bytes", str(QUOTA)]
            folder = tmp_path_factory.mktemp("etcd")
            return running.enter_context(EtcdCluster(etcd_binary(request.param), folder, flags=flags))

        yield start


def _filled(store: EtcdStore) -> dict[str, CoordinationError]:
    """Write at many places at once until it is full; by key, what each last write was answered."""
    session = store.open_session(60, timeout=10)

    def write(writer: int) -> tuple[str, CoordinationError]:
        for number in range(QUOTA // 60_000 + 1):
            key = f"/data/{writer}-{number}"
            try:
                store.create(key, bytes(60_000), session, timeout=10)
            except CoordinationError as error:
                return key, error
        raise AssertionError("it never gets full")

    with ThreadPoolExecutor(WRITERS) as pool:
        return dict(pool.map(write, range(WRITERS)))


def test_what_may_have_been_applied_is_said_to_be_unknown(started: Start) -> None:
    """The writes that cross the limit are there, though etcd says that there is no space."""
    for _ in range(TRIES):
        with closing(open_store(started().url)) as store:
            told = _filled(store)
            there = {key for key in told if store.read(key, timeout=10) is not None}
        assert {type(told[key]) for key in there} <= {OutcomeUnknown}
        if there:
            return
    raise AssertionError("none crossed the limit: nothing is shown here")


def _waits_in_vain(manager: Manager) -> bool:
    """Whether one that waits for a second is told why."""
    error = measured(lambda: manager.wait_lease("after", timeout=1.0)).error
    return isinstance(error, OutcomeUnknown) and "etcdctl alarm disarm" in str(error)


def test_leases_in_a_full_database(started: Start) -> None:
    """None can be acquired, and what to do is said; those there are can be seen and released."""
    small = started()
    with connect(small.url) as manager, closing(open_store(small.url)) as store:
        lease = manager.wait_lease("before", period=30, timeout=10)
        _filled(store)
        with pytest.raises(OutcomeUnknown, match="etcdctl alarm disarm"):
            manager.acquire_lease("after")
        # A last try that a busy machine cuts short tells of that, and not of the space.
        eventually(lambda: _waits_in_vain(manager), 20.0)
        assert manager.get_lease("after") is None
        assert any("NOSPACE" in condition for condition in manager.health())
        assert lease.held
        let_go(lease)
        eventually(lambda: manager.get_lease("before") is None, 10.0)
