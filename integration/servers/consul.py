"""A real Consul for tests: one server or several on loopback, started and ended here.

with ConsulCluster(consul_binary(), tmp_path, members=3) as cluster:
    store = open_store(cluster.url)
    cluster.leader().kill()
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from integration.servers.certificates import Certificates
from integration.servers.cluster import Cluster
from integration.servers.consul_member import ConsulMember

_NOTHING: Mapping[str, object] = MappingProxyType({})


class ConsulCluster(Cluster[ConsulMember]):
    """`members` servers of `binary`, healthy once made. Data and logs are in `folder`, and stay there.

    They are real servers with raft on disk, but sessions may have a ttl of one second. `config` is
    merged last, as Consul merges its files, so it wins. With `tls` the API is HTTPS alone, and clients
    need the CA in it; {"verify_incoming_https": True} has the servers ask them for certificates too.
    With access control ({"acl": …}) name a management token, or nobody can tell whether it is healthy.
    """

    kind = "consul"

    def __init__(
        self,
        binary: Path,
        folder: Path,
        members: int = 1,
        *,
        config: Mapping[str, object] = _NOTHING,
        tls: Certificates | None = None,
    ) -> None:
        self._config = config
        super().__init__(binary, folder, members, tls)

    def ask(self, method: str, path: str, body: object = None, token: str | None = None) -> Any:
        """What the first member that is up answers: see `ConsulMember.ask`."""
        up = next(member for member in self.members if member.answering)
        return up.ask(method, path, body, token)

    def _made(self, names: Sequence[str], folder: Path) -> list[ConsulMember]:
        serf = {name: self._ports.take() for name in names}
        return [
            ConsulMember(
                name=name,
                binary=self.binary,
                folder=folder,
                client_port=self._ports.take(),
                server_port=self._ports.take(),
                serf_port=serf[name],
                size=len(names),
                join=[f"127.0.0.1:{port}" for other, port in serf.items() if other != name],
                config=self._config,
                tls=self.tls,
            )
            for name in names
        ]

    def _leader(self) -> ConsulMember | None:
        """Whom a majority takes for it, if it is up: members hear late of its end, and of another."""
        named = Counter(member.named_leader() for member in self.members if member.answering)
        leading = [member for member in self.members if 2 * named[member.server_address] > len(self.members)]
        return next((member for member in leading if member.answering), None)
