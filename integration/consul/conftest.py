"""The servers of these tests: some Consul, every variant for whole suites, one of a module's own.

`pytest -n 4 --dist loadgroup integration/consul` runs the variants side by side.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary
from integration.servers.fixtures import each_variant, notes, some_server
from integration.servers.kinds import CONSUL
from integration.servers.pytest_hooks import fetch_first, on_each_variant, pytest_collection_modifyitems
from integration.servers.report import pytest_configure

__all__ = ["pytest_collection_modifyitems", "pytest_configure"]

consul = some_server(CONSUL)
variant = each_variant(CONSUL)
_noted = notes(CONSUL)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Who asks for `variant` runs on each of them."""
    on_each_variant(metafunc, CONSUL)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Fetch what is missing before the first test."""
    fetch_first(session, CONSUL)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsulCluster]:
    """A Consul of one server, of the module's own."""
    with ConsulCluster(consul_binary(), tmp_path_factory.mktemp("consul")) as cluster:
        yield cluster
