"""The servers of these tests: some etcd, every variant for whole suites, and one of a module's own.

`pytest -n 5 --dist loadgroup integration/etcd` runs the variants side by side.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.etcd.faults import own_cluster
from integration.servers.etcd import EtcdCluster
from integration.servers.fixtures import each_variant, notes, some_server
from integration.servers.kinds import ETCD
from integration.servers.pytest_hooks import fetch_first, on_each_variant, pytest_collection_modifyitems
from integration.servers.report import pytest_configure

__all__ = ["pytest_collection_modifyitems", "pytest_configure"]

etcd = some_server(ETCD)
variant = each_variant(ETCD)
_noted = notes(ETCD)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Who asks for `variant` runs on each of them."""
    on_each_variant(metafunc, ETCD)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Fetch what is missing before the first test."""
    fetch_first(session, ETCD)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """An etcd of one node, of the module's own."""
    with own_cluster(tmp_path_factory) as cluster:
        yield cluster
