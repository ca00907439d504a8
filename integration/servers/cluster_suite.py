"""What every kind of cluster keeps, as a suite: they lead, fail, come back, and leave nothing behind.

class TestEtcdServers(ClusterSuite): says in a few words how to start one, and how to write and read.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from integration.servers.cluster import Cluster, NotHealthy
from integration.servers.debian import CACHE
from integration.servers.member import Member
from integration.servers.ports import Ports

AnyCluster = Cluster[Any]


def eventually(holds: Callable[[], bool], within: float = 20.0) -> bool:
    """Whether it comes to hold in so many seconds."""
    give_up = time.monotonic() + within
    while not holds():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def lives(pid: int) -> bool:
    """Whether such a process runs, and is not just waiting to be buried."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    if not Path("/proc/self/stat").exists():
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # It has just been buried.
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class ClusterSuite(ABC):
    """The tests, on clusters of one kind."""

    program: ClassVar[str]
    """Python that starts one server, in the folder `sys.argv[1]`, and calls it `cluster`."""
    nonsense: ClassVar[str]
    """A word that the server complains of when `cluster` is asked for a broken one."""

    @abstractmethod
    def cluster(self, folder: Path, members: int = 1, *, broken: bool = False) -> AnyCluster:
        """Start one; a broken one is configured with `nonsense`, and does not come up."""

    @abstractmethod
    def write(self, cluster: AnyCluster) -> None:
        """Store something."""

    @abstractmethod
    def reads(self, cluster: AnyCluster) -> bool:
        """Whether it is there."""

    @pytest.fixture
    def three(self, tmp_path: Path) -> Iterator[AnyCluster]:
        with self.cluster(tmp_path, 3) as cluster:
            yield cluster

    def test_a_killed_leader_is_followed_by_another_and_comes_back(self, three: AnyCluster) -> None:
        """What was written outlives its leader, which then goes on with the data it had."""
        self.write(three)
        first = three.leader()
        first.kill()
        assert three.leader() is not first
        assert self.reads(three)
        first.start()
        three.wait_healthy()
        assert first.running
        assert eventually(lambda: all(member.healthy() for member in three.members))

    def test_a_paused_leader_is_followed_by_another_and_rejoins(self, three: AnyCluster) -> None:
        """A stopped process keeps its sockets, loses its office, and is healthy once it may run."""
        first = three.leader()
        first.pause()
        assert not first.healthy()
        assert three.leader() is not first
        first.resume()
        three.wait_healthy()
        assert eventually(lambda: all(member.healthy() for member in three.members))

    def test_without_a_quorum_nothing_is_healthy(self, three: AnyCluster) -> None:
        """One of three answers no consistent read; with a second one back, it does."""
        alone, *others = three.members
        for member in others:
            member.stop()
        assert not alone.healthy()
        others[0].start()
        three.wait_healthy()
        assert eventually(alone.healthy)

    def test_what_was_written_is_on_disk(self, tmp_path: Path) -> None:
        """Killed and started again, a server alone has it still."""
        with self.cluster(tmp_path) as cluster:
            self.write(cluster)
            cluster.members[0].kill()
            cluster.members[0].start()
            cluster.wait_healthy()
            assert self.reads(cluster)

    def test_closing_leaves_no_process(self, tmp_path: Path) -> None:
        """Running, paused or killed before: none is left, the ports are free, closing again is no error."""
        cluster = self.cluster(tmp_path, 3)
        pids = [member.pid for member in cluster.members]
        cluster.members[0].pause()
        cluster.members[1].kill()
        cluster.close()
        assert not [pid for pid in pids if lives(pid)]
        for member in cluster.members:
            socket.create_server(("127.0.0.1", member.client_port)).close()
        cluster.close()

    def test_servers_do_not_outlive_tests_that_were_killed(self, tmp_path: Path) -> None:
        """After kill -9 of the process that started it, nobody is there to close it; it ends all the same."""
        program = (
            f"import sys, time\nfrom pathlib import Path\n{self.program}\n"
            "cluster.members[0].pause()\nprint(cluster.members[0].pid, flush=True)\ntime.sleep(60)\n"
        )
        command = [sys.executable, "-c", program, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CACHE.parent) as tests:
            assert tests.stdout is not None
            pid = int(tests.stdout.readline())
            assert lives(pid)
            tests.send_signal(signal.SIGKILL)
        assert eventually(lambda: not lives(pid))

    def test_a_server_that_does_not_come_up_shows_its_log(self, tmp_path: Path) -> None:
        """Whoever configures it wrongly reads what it says of that."""
        with pytest.raises(NotHealthy, match=self.nonsense):
            self.cluster(tmp_path, broken=True)

    def test_a_port_that_somebody_took_is_exchanged(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between our look and its start another program may begin to listen; then others are tried."""
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = other.getsockname()[1]
            really = Ports.take
            offered = iter([taken])
            monkeypatch.setattr(Ports, "take", lambda ports: next(offered, None) or really(ports))
            with self.cluster(tmp_path) as cluster:
                member: Member = cluster.members[0]
                assert next(offered, None) is None
                assert member.folder == tmp_path / "1", "it is not the second attempt"
                assert eventually(member.healthy)
