"""The servers the other tests stand on: they lead, fail, come back, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.servers.debian import CACHE
from integration.servers.etcd import EtcdCluster, NotHealthy
from integration.servers.etcd_binaries import VERSIONS, etcd_binary
from integration.servers.ports import Ports
from integration.servers.ways import Server


@pytest.fixture
def three(tmp_path: Path) -> Iterator[EtcdCluster]:
    with EtcdCluster(etcd_binary("3.5"), tmp_path, 3) as cluster:
        yield cluster


def _eventually(holds: Callable[[], bool], within: float = 20.0) -> bool:
    give_up = time.monotonic() + within
    while not holds():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_some_etcd_answers_and_says_its_version(etcd: Server) -> None:
    """Whatever way it comes, `etcd` is a server of etcd v3."""
    assert etcd.version.startswith("3.")
    assert etcd.url.startswith("etcd")


def test_a_killed_leader_is_followed_by_another_and_comes_back(three: EtcdCluster) -> None:
    """What was written outlives its leader, which then goes on with the data it had."""
    three.ctl("put", "kept", "value")
    first = three.leader()
    first.kill()
    assert three.leader() is not first
    assert "value" in three.ctl("get", "kept")
    first.start()
    three.wait_healthy()
    assert first.running
    assert [member.healthy() for member in three.members] == [True, True, True]


def test_a_paused_leader_is_followed_by_another_and_rejoins(three: EtcdCluster) -> None:
    """A stopped process keeps its sockets, loses its office, and is healthy once it may run."""
    first = three.leader()
    first.pause()
    assert not first.healthy()
    assert three.leader() is not first
    first.resume()
    three.wait_healthy()
    assert all(member.healthy() for member in three.members)


def test_without_a_quorum_nothing_is_healthy(three: EtcdCluster) -> None:
    """One of three answers no linearizable read; with a second one back, it does."""
    alone, *others = three.members
    for member in others:
        member.stop()
    assert not alone.healthy()
    others[0].start()
    three.wait_healthy()
    assert alone.healthy()


@pytest.mark.parametrize("version", VERSIONS)
def test_closing_leaves_no_process(version: str, tmp_path: Path) -> None:
    """Running, paused or killed before: none is left, the ports are free, and closing again is no error."""
    cluster = EtcdCluster(etcd_binary(version), tmp_path, 3)
    pids = [member.pid for member in cluster.members]
    cluster.members[0].pause()
    cluster.members[1].kill()
    cluster.close()
    assert not [pid for pid in pids if _lives(pid)]
    for member in cluster.members:
        socket.create_server(("127.0.0.1", member.client_port)).close()
    cluster.close()


def test_servers_do_not_outlive_tests_that_were_killed(tmp_path: Path) -> None:
    """After kill -9 of the process that started it, nobody is there to close it; it ends all the same."""
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom integration.servers.etcd import EtcdCluster\n"
        "from integration.servers.etcd_binaries import etcd_binary\n"
        "cluster = EtcdCluster(etcd_binary('3.5'), Path(sys.argv[1]))\n"
        "cluster.members[0].pause()\nprint(cluster.members[0].pid, flush=True)\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CACHE.parent) as tests:
        assert tests.stdout is not None
        pid = int(tests.stdout.readline())
        assert _lives(pid)
        tests.send_signal(signal.SIGKILL)
    assert _eventually(lambda: not _lives(pid))


def test_a_server_that_does_not_come_up_shows_its_log(tmp_path: Path) -> None:
    """Whoever gives it a wrong flag reads what etcd says of it, and no process is left."""
    with pytest.raises(NotHealthy, match="no-such-flag"):
        EtcdCluster(etcd_binary("3.5"), tmp_path, flags=["--no-such-flag=1"])


def test_a_port_that_somebody_took_is_exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our look and etcd's start another program may begin to listen; then others are tried."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        really = Ports.take
        offered = iter([taken])
        monkeypatch.setattr(Ports, "take", lambda ports: next(offered, None) or really(ports))
        with EtcdCluster(etcd_binary("3.4"), tmp_path) as cluster:
            assert cluster.members[0].client_port != taken
            assert cluster.members[0].healthy()


def test_ports_differ_between_those_who_ask_at_once() -> None:
    """A port is nobody else's until it is given back."""
    one, two = Ports(), Ports()
    try:
        taken = [ports.take() for ports in (one, two) * 20]
        assert len(set(taken)) == len(taken)
    finally:
        one.give_back()
        two.give_back()
