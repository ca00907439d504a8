"""The kinds of server that tests run on: how each is started, and how one says its version."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from integration.servers.binaries import Program
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import CONSUL as CONSUL_PROGRAM
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import ETCD as ETCD_PROGRAM

Started = EtcdCluster | ConsulCluster


@dataclass(frozen=True)
class Kind:
    """One kind. At `version_path` a server tells its version, as what `version_keys` lead to."""

    program: Program
    start: Callable[[Path, Path, int], Started] = field(repr=False)
    version_path: str
    version_keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of the program, as the scheme of URLs, and in reports: "etcd", "consul"."""
        return self.program.name

    @property
    def endpoints(self) -> str:
        """The variable of the environment that gives a server that runs."""
        return self.program.given

    @property
    def pin(self) -> str:
        """The variable that allows one way alone."""
        return f"{self.program.given}_WAY"

    def version_at(self, endpoint: str) -> str:
        """What the server says of itself; "unknown" if it does not say so to strangers (TLS, passwords)."""
        connection = http.client.HTTPConnection(endpoint, timeout=5)
        try:
            connection.request("GET", self.version_path)
            said = json.loads(connection.getresponse().read())
            for key in self.version_keys:
                said = said[key]
            return str(said)
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
            return "unknown"
        finally:
            connection.close()


ETCD = Kind(ETCD_PROGRAM, EtcdCluster, "/version", ("etcdserver",))
CONSUL = Kind(CONSUL_PROGRAM, ConsulCluster, "/v1/agent/self", ("Config", "Version"))
