"""One etcd server of a cluster: its ports, its command line, its life."""

from __future__ import annotations

import http.client
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from integration.servers.member import Member

_CLIENT_CERTS = "--client-cert-auth"


@dataclass(kw_only=True)
class EtcdMember(Member):
    """A member of an etcd cluster. Peers never use TLS, which is about clients here."""

    peer_port: int
    flags: Sequence[str]

    @property
    def peer_url(self) -> str:
        """Where the other members reach it."""
        return f"http://127.0.0.1:{self.peer_port}"

    def start(self, cluster: str | None = None) -> None:
        """Start it; does not wait. `cluster` (name=url,…) is needed for the first time only."""
        first = [] if cluster is None else ["--initial-cluster", cluster, "--initial-cluster-state", "new"]
        env = {name: value for name, value in os.environ.items() if not name.startswith("ETCD")}
        if platform.machine() in ("aarch64", "arm64"):
            env["ETCD_UNSUPPORTED_ARCH"] = "arm64"  # etcd 3.4 runs there only when told to
        self._run([str(self.binary), *self._arguments(), *first, *self.flags], env)

    def healthy(self) -> bool:
        """Whether it answers a linearizable read, that is: has a leader and is reached by it."""
        return str(self._ask("GET", "/health").get("health")) == "true"

    def status(self) -> dict[str, Any]:
        """What Maintenance.Status answers, as JSON; {} if it does not answer."""
        return self._ask("POST", "/v3/maintenance/status")

    def _arguments(self) -> list[str]:
        scheme = "http" if self.tls is None else "https"
        options = {
            "name": self.name,
            "data-dir": self.folder / self.name,
            "listen-client-urls": f"{scheme}://{self.endpoint}",
            "advertise-client-urls": f"{scheme}://{self.endpoint}",
            "listen-peer-urls": self.peer_url,
            "initial-advertise-peer-urls": self.peer_url,
            "logger": "zap",  # 3.4 still has an older one as default
        }
        tls = [] if self.tls is None else self.tls.server.flags
        if self.tls is not None and _CLIENT_CERTS in self.flags:
            tls = [*tls, "--trusted-ca-file", str(self.tls.ca)]  # alone it would already demand certificates
        return [*(f"--{name}={value}" for name, value in options.items()), *tls]

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        connection = self.connection()
        try:
            connection.request(method, path, body="{}" if method == "POST" else None)
            with connection.getresponse() as response:
                answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return {}
        finally:
            connection.close()
        return answer if isinstance(answer, dict) else {}
