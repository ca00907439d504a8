"""These tests need docker itself, so only a run that is pinned to containers has them.

`.ci/run` makes such a run through `.ci/docker`, and fails if it did not come about. In every other
run they are not collected, which its end says: no test is skipped behind anybody's back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from coordination.testing.containers import ConsulContainer, EtcdContainer
from integration.servers.kinds import CONSUL, ETCD

PINS = [kind.pin for kind in (ETCD, CONSUL)]
PINNED = all(os.environ.get(pin) == "container" for pin in PINS)

collect_ignore_glob = [] if PINNED else ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and how to have it."""
    if not PINNED:
        needed = " ".join(f"{pin}=container" for pin in PINS)
        terminalreporter.write_line(f"integration/containers needs docker: {needed} in .ci/docker runs it")


@pytest.fixture(scope="module")
def etcd() -> Iterator[EtcdContainer]:
    """A server that tests of one file share; each uses a prefix or names of its own."""
    with EtcdContainer() as container:
        yield container


@pytest.fixture(scope="module")
def consul() -> Iterator[ConsulContainer]:
    """The same of Consul, with leases as short as a second."""
    with ConsulContainer(session_ttl_min=1) as container:
        yield container
