"""Forking a program that uses etcd: children hang on nothing and hold nothing, the parent goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.faults.forked import ran, unhurt
from integration.servers.certificates import Certificates
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary
from integration.servers.hostile import Hostile, silent
from integration.servers.ways import Server

FORKS = 30

pytestmark = [
    pytest.mark.xdist_group("forks"),
    pytest.mark.skipif("sys.platform == 'win32'", reason="there is no fork on Windows"),
    pytest.mark.untraced,  # each of hundreds of children would save what was traced
]


def test_no_child_hangs_under_load(etcd: Server) -> None:
    """The parent keeps its lease and token and its calls go on; its watch tells of a steal."""
    unhurt(f"{etcd.url}/forks", FORKS)


def test_no_child_hangs_over_tls(tmp_path: Path) -> None:
    """The same with TLS, of which gRPC keeps more."""
    made = Certificates(tmp_path / "certificates")
    with EtcdCluster(etcd_binary(VERSIONS[-1]), tmp_path, tls=made) as cluster:
        unhurt(f"{cluster.url}?cacert={made.ca}", FORKS)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(etcd: Server, method: str) -> None:
    """Whichever way it starts processes, they use etcd for themselves, and the parent's lease stays."""
    assert ran("faults.fork_programs", method, f"{etcd.url}/{method}").splitlines() == [
        "0 0 0",
        "0 0 0",
        "True None",
    ]


def test_starting_other_programs_cuts_nothing_off(etcd: Server) -> None:
    """subprocess does not fork Python: the connection stays open."""
    assert ran("etcd.fork_programs", "popen", f"{etcd.url}/popen").split() == ["True", "1", "True"]


def test_a_fork_costs_nothing_where_etcd_is_not_in_use(etcd: Server) -> None:
    """No pause, be it that nothing was sent yet or that all is closed."""
    assert ran("etcd.fork_programs", "unused", etcd.url).strip() == "True []"


def test_forking_while_nobody_answers(etcd: Server) -> None:
    """Connecting and examining are cut off too, in bounded time; children that ask another server work."""
    with Hostile(silent) as server:
        urls = f"{etcd.url}/silent etcd://{server.endpoint}"
        assert ran("faults.fork_programs", "black_hole", urls).strip() == "{(0, True)}"
