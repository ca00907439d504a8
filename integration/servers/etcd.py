"""A real etcd for tests: one node or several on loopback, started and ended here.

with EtcdCluster(etcd_binary("3.5"), tmp_path, members=3) as cluster:
    store = open_store(cluster.url)
    cluster.leader().kill()
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from integration.servers.certificates import Certificates
from integration.servers.cluster import Cluster
from integration.servers.etcd_member import EtcdMember

_PATIENTLY = ("--dial-timeout=20s", "--command-timeout=30s")
"""etcdctl's own bounds, of 2 and 5 s, are none for a busy machine; whoever wants others gives them later."""


class EtcdCluster(Cluster[EtcdMember]):
    """`members` servers of `binary`, healthy once made. Data and logs are in `folder`, and stay there.

    `flags` come last, so they win. With `tls`, clients need the CA in it; add "--client-cert-auth"
    to the flags to have the server ask them for certificates too. Use it as a context manager.
    """

    kind = "etcd"

    def __init__(
        self,
        binary: Path,
        folder: Path,
        members: int = 1,
        *,
        flags: Sequence[str] = (),
        tls: Certificates | None = None,
    ) -> None:
        self._flags = flags
        super().__init__(binary, folder, members, tls)

    def ctl(self, *args: str, check: bool = True) -> str:
        """What etcdctl prints, of the v3 API, on all endpoints. With `check=False`, also of a failure."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("ETCDCTL_")}
        command = [
            str(self.binary.with_name("etcdctl")),
            "--endpoints",
            ",".join(self._urls()),
            *_PATIENTLY,
            *self._tls(),
            *args,
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env=env | {"ETCDCTL_API": "3"}
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"etcdctl {' '.join(args)} failed: {done.stderr.strip()}")
        return done.stdout if check else done.stdout + done.stderr

    def _made(self, names: Sequence[str], folder: Path) -> list[EtcdMember]:
        return [
            EtcdMember(
                name=name,
                binary=self.binary,
                folder=folder,
                client_port=self._ports.take(),
                peer_port=self._ports.take(),
                flags=self._flags,
                tls=self.tls,
            )
            for name in names
        ]

    def _start(self) -> None:
        cluster = ",".join(f"{member.name}={member.peer_url}" for member in self.members)
        for member in self.members:
            member.start(cluster)

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
