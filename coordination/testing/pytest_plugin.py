"""Fixtures for testing programs that use this library: managers on memory, files, etcd and Consul.

A test suite asks for them in its top `conftest.py`:

    pytest_plugins = ["coordination.testing.pytest_plugin"]

This is not an entry point of pytest's, on purpose: one would be loaded in every pytest run of
everybody who has the library installed. Loading it imports neither a store nor testcontainers.

`coordination_memory`, `coordination_files`, `coordination_etcd`, `coordination_consul`
    A manager on an empty store, closed at the test's end.
`coordination_memory_url`, `coordination_files_url`, `coordination_etcd_url`, `coordination_consul_url`
    The URL of that same store, for the program under test or for a second machine.
`coordination_connect`
    `coordination.connect`, with every manager it made closed at the test's end.
`coordination_etcd_container`, `coordination_consul_container`
    The server behind those fixtures: one container for the whole run. This Consul grants leases of a
    second and more; others have a limit, by default 10 s.

They need `pip install 'coordination[testing,etcd,consul]'` and docker. Where those are missing, the
test is an error that says so, never a skip.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from coordination.manager import Manager
    from coordination.testing.containers import ConsulContainer, EtcdContainer


@pytest.fixture
def coordination_connect() -> Iterator[Callable[..., Manager]]:
    """`coordination.connect`; what it opened is closed when the test ends, the last one first."""
    from coordination import connect

    with ExitStack() as opened:

        def connected(target: str, **options: Any) -> Manager:
            manager = connect(target, **options)
            opened.callback(manager.close)
            return manager

        yield connected


@pytest.fixture
def coordination_memory_url() -> str:
    """The URL of an empty store in this process's memory."""
    return f"memory://{_fresh()}"


@pytest.fixture
def coordination_files_url(tmp_path: Path) -> str:
    """The URL of an empty folder; not synchronised to disk, for no test survives a power failure."""
    return f"{(tmp_path / 'coordination').as_uri()}?durable=false"


@pytest.fixture(scope="session")
def coordination_etcd_container() -> Iterator[EtcdContainer]:
    """A running etcd server for the whole run (under pytest-xdist: for each worker)."""
    from coordination.testing.containers import EtcdContainer

    with EtcdContainer() as container:
        yield container


@pytest.fixture(scope="session")
def coordination_consul_container() -> Iterator[ConsulContainer]:
    """A running Consul server for the whole run; leases on it may be as short as a second."""
    from coordination.testing.containers import ConsulContainer

    with ConsulContainer(session_ttl_min=1) as container:
        yield container


@pytest.fixture
def coordination_etcd_url(coordination_etcd_container: EtcdContainer) -> str:
    """The URL of a prefix of its own, which nothing else on that server uses."""
    return f"{coordination_etcd_container.url}/{_fresh()}"


@pytest.fixture
def coordination_consul_url(coordination_consul_container: ConsulContainer) -> str:
    """The URL of a prefix of its own, which nothing else on that server uses."""
    return f"{coordination_consul_container.url}/{_fresh()}"


@pytest.fixture
def coordination_memory(
    coordination_connect: Callable[..., Manager], coordination_memory_url: str
) -> Manager:
    """A manager on an empty store in memory."""
    return coordination_connect(coordination_memory_url)


@pytest.fixture
def coordination_files(coordination_connect: Callable[..., Manager], coordination_files_url: str) -> Manager:
    """A manager on files in the test's `tmp_path`."""
    return coordination_connect(coordination_files_url)


@pytest.fixture
def coordination_etcd(coordination_connect: Callable[..., Manager], coordination_etcd_url: str) -> Manager:
    """A manager on a real etcd server."""
    return coordination_connect(coordination_etcd_url)


@pytest.fixture
def coordination_consul(
    coordination_connect: Callable[..., Manager], coordination_consul_url: str
) -> Manager:
    """A manager on a real Consul server."""
    return coordination_connect(coordination_consul_url)


def _fresh() -> str:
    return f"test-{secrets.token_hex(8)}"
