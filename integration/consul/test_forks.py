"""Forking a program that uses Consul: children hang on nothing and hold nothing, the parent goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.faults.forked import ran, unhurt
from integration.servers.certificates import Certificates
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary
from integration.servers.hostile import Hostile, silent
from integration.servers.ways import Server

FORKS = 100

pytestmark = [
    pytest.mark.xdist_group("consul-forks"),
    pytest.mark.skipif("sys.platform == 'win32'", reason="there is no fork on Windows"),
    pytest.mark.untraced,  # each of hundreds of children would save what was traced
]


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Consul with TLS."""
    folder: Path = tmp_path_factory.mktemp("consul")
    made = Certificates(folder / "certificates")
    with ConsulCluster(consul_binary(), folder, tls=made) as cluster:
        yield f"{cluster.url}/secure?cacert={made.ca}"


def test_no_child_hangs_under_load(consul: Server) -> None:
    """The parent keeps its lease and token and its calls go on; its watch tells of a steal."""
    unhurt(f"{consul.url}/forks", FORKS)


def test_no_child_hangs_over_tls(secure: str) -> None:
    """The same with TLS, whose state a child must not go on with."""
    unhurt(secure, FORKS)


def test_no_child_hangs_while_others_shake_hands(secure: str) -> None:
    """OpenSSL has locks of its own, which a child would inherit taken: some in a hundred hung for ever."""
    assert ran("consul.fork_programs", "shake", secure).split() == ["0"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(consul: Server, method: str) -> None:
    """Whichever way it starts processes, they use Consul for themselves, and the parent's lease stays."""
    assert ran("faults.fork_programs", method, f"{consul.url}/{method}").splitlines() == [
        "0 0 0",
        "0 0 0",
        "True None",
    ]


def test_a_child_that_ends_hangs_up_for_nobody(consul: Server, secure: str) -> None:
    """Twenty of them end with all that a program does at its end: the connections are the same as before."""
    for url in (f"{consul.url}/leave", secure):
        assert ran("consul.fork_programs", "leave", url).split() == ["True", "True", "True"]


@pytest.mark.skipif("sys.platform != 'linux'", reason="what is open in a process is seen in /dev/fd")
def test_other_programs_inherit_nothing(consul: Server) -> None:
    """Whatever a program starts has none of its sockets, and the connections stay."""
    assert ran("consul.fork_programs", "popen", f"{consul.url}/popen").split() == ["True", "0", "True"]


def test_forking_while_nobody_answers(consul: Server) -> None:
    """Children that ask another server work, and forking waits for nobody."""
    with Hostile(silent) as server:
        urls = f"{consul.url}/silent consul://{server.endpoint}"
        assert ran("faults.fork_programs", "black_hole", urls).strip() == "{(0, True)}"
