"""Our store beside a client library of etcd in one process, and on every protobuf that is promised."""

from __future__ import annotations

import re

import pytest

from integration.clients.environments import ALL, ETCD3, FIVE, NEWEST, OLDEST, SIX, Environment
from integration.servers.etcd import EtcdCluster

pytestmark = pytest.mark.timeout(500)  # the first time, pip has to fetch what the programs need

THEIRS = {
    "etcd3 as our extra installs it": (ETCD3, "etcd3"),
    "etcd3 on the oldest": (OLDEST, "etcd3"),
    "pyetcd on protobuf 5": (FIVE, "pyetcd"),
    "pyetcd on protobuf 6": (SIX, "pyetcd"),
    "pyetcd on the newest": (NEWEST, "pyetcd"),
}


@pytest.mark.parametrize("begins", ALL)
def test_every_call_on_every_protobuf(cluster: EtcdCluster, begins: str) -> None:
    """Our messages work on each, from 3.20.2 to the newest there is."""
    printed = ALL[begins].run("every_call.py", f"{cluster.url}/protobuf{begins}")
    found = re.fullmatch(r"protobuf (\S+) grpcio (\S+)\n", printed)
    assert found is not None, printed
    assert found[1].startswith(begins)
    assert int(found[1].split(".")[0]) >= 7 or begins


@pytest.mark.parametrize("first", ["theirs", "ours"])
@pytest.mark.parametrize("which", THEIRS)
def test_both_in_one_process(cluster: EtcdCluster, which: str, first: str) -> None:
    """Whichever is loaded first, both work, and the client goes on after our manager was closed."""
    environment, library = THEIRS[which]
    assert printed_by(environment, first, library, cluster) == "both\n"


def test_etcd3_on_the_newest_protobuf(cluster: EtcdCluster) -> None:
    """etcd3 loads there too if protobuf is told to run in Python; so do we, beside it."""
    python = {"PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    assert printed_by(NEWEST, "ours", "etcd3", cluster, **python) == "both\n"


@pytest.mark.parametrize("environment", [ETCD3, OLDEST], ids=["newest", "oldest"])
def test_etcd3_is_whole_with_our_extra(cluster: EtcdCluster, environment: Environment) -> None:
    """The extra holds tenacity back so far that etcd3's own locks can wait."""
    assert environment.run("their_lock.py", *cluster.endpoints[0].split(":")) == "waited\n"


def printed_by(
    environment: Environment, first: str, library: str, cluster: EtcdCluster, **variables: str
) -> str:
    """What `together.py` printed."""
    host, _, port = cluster.endpoints[0].rpartition(":")
    prefix = f"{environment.name}-{library}-{first}"
    return environment.run("together.py", first, library, host, port, prefix, **variables)
