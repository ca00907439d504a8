"""examples/bring_your_client.py runs with both clients that it can be given."""

from __future__ import annotations

import re

import pytest

from coordination import connect
from integration.clients.environments import ETCD3, ROOT, SIX, Environment
from integration.servers.etcd import EtcdCluster

pytestmark = pytest.mark.timeout(500)  # the first time, pip has to fetch what the programs need

EXAMPLE = ROOT / "examples/bring_your_client.py"


@pytest.mark.parametrize("environment", [ETCD3, SIX], ids=["etcd3", "pyetcd"])
def test_bring_your_client(cluster: EtcdCluster, environment: Environment) -> None:
    """It writes its report under the lease, and leaves at once while another machine has that."""
    where = cluster.endpoints[0].split(":")
    printed = environment.run(str(EXAMPLE), *where)
    assert re.fullmatch(r"written under token \d+\nSales of 127.0.0.1\n", printed), printed
    with connect(f"{cluster.url}/shop", namespace="night") as manager:
        lease = manager.acquire_lease("nightly-report", period=60)
        assert lease is not None
        assert environment.run(str(EXAMPLE), *where) == "another machine does it tonight\n"
        assert lease.release()
