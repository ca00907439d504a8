"""A real etcd for tests: one node or several on loopback, started and ended here.

with EtcdCluster(etcd_binary("3.5"), tmp_path, members=3) as cluster:
    store = open_store(cluster.url)
    cluster.leader().kill()
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, TypeVar

from integration.servers.certificates import Certificates
from integration.servers.etcd_member import EtcdMember
from integration.servers.ports import Ports

T = TypeVar("T")

_TRIES = 3
"""How often to start it, should another program take one of its ports between our look and its start."""

_STARTUP = 30.0
"""Seconds; on an idle machine it takes one to three, mostly for the election."""

_TAIL = 3000
"""Characters of a log that are shown when its server does not come up."""


class NotHealthy(RuntimeError):
    """A server did not come up, or not back; the message ends with its log."""


class EtcdCluster:
    """`members` servers of `binary`, healthy once made. Data and logs are in `folder`, and stay there.

    `flags` come last, so they win. With `tls`, clients need the CA in it; add "--client-cert-auth"
    to the flags to have the server ask them for certificates too. Use it as a context manager.
    """

    def __init__(
        self,
        binary: Path,
        folder: Path,
        members: int = 1,
        *,
        flags: Sequence[str] = (),
        tls: Certificates | None = None,
    ) -> None:
        self.binary = binary
        self.tls = tls
        self.members: list[EtcdMember] = []
        self._ports = Ports()
        for attempt in range(_TRIES):
            self.members = [
                EtcdMember(
                    f"m{number}",
                    binary,
                    folder / str(attempt),
                    self._ports.take(),
                    self._ports.take(),
                    flags,
                    tls,
                )
                for number in range(1, members + 1)
            ]
            if self._came_up(last=attempt == _TRIES - 1):
                return

    @property
    def endpoints(self) -> list[str]:
        """host:port of all members, also of those that are down."""
        return [member.endpoint for member in self.members]

    @property
    def url(self) -> str:
        """The URL for `connect`, without a prefix: append "/prefix"."""
        return f"{'etcd' if self.tls is None else 'etcds'}://{','.join(self.endpoints)}"

    def leader(self, timeout: float = 20.0) -> EtcdMember:
        """The member that leads now; waits for an election, for at most `timeout` seconds."""
        return _poll(self._leader, timeout, "no member leads")

    def wait_healthy(self, timeout: float = 30.0) -> None:
        """Until every member that runs and is not paused answers a linearizable read; or `NotHealthy`."""
        self._wait([member for member in self.members if member.answering], timeout)

    def ctl(self, *args: str, check: bool = True) -> str:
        """What etcdctl prints, of the v3 API, on all endpoints. With `check=False`, also of a failure."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("ETCDCTL_")}
        command = [
            str(self.binary.with_name("etcdctl")),
            "--endpoints",
            ",".join(self._urls()),
            *self._tls(),
            *args,
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env=env | {"ETCDCTL_API": "3"}
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"etcdctl {' '.join(args)} failed: {done.stderr.strip()}")
        return done.stdout if check else done.stdout + done.stderr

    def close(self) -> None:
        """End all of it, however it is; may be called twice."""
        for member in self.members:
            member.close()
        self._ports.give_back()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _came_up(self, *, last: bool) -> bool:
        """Start all, and wait; False if somebody else has a port of ours."""
        try:
            self._start()
            self._wait(self.members, _STARTUP)
        except BaseException:
            taken = any("address already in use" in _tail(member.log) for member in self.members)
            self.close()
            if last or not taken:
                raise
            return False
        return True

    def _start(self) -> None:
        cluster = ",".join(f"{member.name}={member.peer_url}" for member in self.members)
        for member in self.members:
            member.folder.mkdir(parents=True, exist_ok=True)
            member.start(cluster)

    def _wait(self, members: Sequence[EtcdMember], timeout: float) -> None:
        def look() -> bool | None:
            if not all(member.running for member in members):
                raise NotHealthy(f"an etcd has ended{self._logs()}")
            return all(member.healthy() for member in members) or None

        try:
            _poll(look, timeout, "etcd is not healthy")
        except TimeoutError as error:
            raise NotHealthy(f"{error}{self._logs()}") from error

    def _leader(self) -> EtcdMember | None:
        """Who says so itself; should two do, one of them has not yet heard of the later election."""
        claims: dict[int, EtcdMember] = {}
        for member in self.members:
            status = member.status() if member.answering else {}
            if status and status.get("leader") == status["header"]["member_id"]:
                claims[int(status["raftTerm"])] = member
        return claims[max(claims)] if claims else None

    def _urls(self) -> list[str]:
        return [endpoint if self.tls is None else f"https://{endpoint}" for endpoint in self.endpoints]

    def _tls(self) -> list[str]:
        if self.tls is None:
            return []
        return ["--cacert", str(self.tls.ca), *self.tls.client.client_flags]

    def _logs(self) -> str:
        tails = [f"\n--- the end of {member.log}\n{_tail(member.log)}" for member in self.members]
        return "".join(tails)


def _poll(look: Callable[[], T | None], timeout: float, failure: str) -> T:
    give_up = time.monotonic() + timeout
    while True:
        seen = look()
        if seen is not None:
            return seen
        if time.monotonic() >= give_up:
            raise TimeoutError(f"{failure} (waited {timeout} s)")
        time.sleep(0.05)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-_TAIL:] if log.exists() else "(no log)"
