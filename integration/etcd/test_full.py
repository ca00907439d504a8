"""A database that is full: etcd answers the same error to writes it refuses and to writes it has applied."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from coordination import CoordinationError, OutcomeUnknown, connect
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary

pytestmark = pytest.mark.xdist_group("security")

QUOTA = 4_000_000
WRITERS = 16


@pytest.fixture(params=VERSIONS)
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    flags = ["--quota-backend-bytes", str(QUOTA)]
    with EtcdCluster(etcd_binary(request.param), tmp_path_factory.mktemp("etcd"), flags=flags) as cluster:
        yield cluster


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


def test_what_may_have_been_applied_is_said_to_be_unknown(small: EtcdCluster) -> None:
    """The writes that cross the limit are there, though etcd says that there is no space."""
    with closing(open_store(small.url)) as store:
        told = _filled(store)
        there = {key for key in told if store.read(key, timeout=10) is not None}
        assert there, "none crossed the limit: nothing is shown here"
        assert {type(told[key]) for key in there} == {OutcomeUnknown}


def test_leases_in_a_full_database(small: EtcdCluster) -> None:
    """None can be acquired, and what to do is said; those there are can be seen and released."""
    with connect(small.url) as manager, closing(open_store(small.url)) as store:
        lease = manager.wait_lease("before", period=30, timeout=10)
        _filled(store)
        with pytest.raises(OutcomeUnknown, match="etcdctl alarm disarm"):
            manager.acquire_lease("after")
        with pytest.raises(OutcomeUnknown, match="etcdctl alarm disarm"):
            manager.wait_lease("after", timeout=1.0)
        assert manager.get_lease("after") is None
        assert any("NOSPACE" in condition for condition in manager.health())
        assert lease.held
        assert lease.release()
        assert manager.get_lease("before") is None
