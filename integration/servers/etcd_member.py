"""One etcd server of a cluster: its ports, its command line, its life."""

from __future__ import annotations

import http.client
import json
import os
import platform
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integration.servers.certificates import Certificates
from integration.servers.process import ServerProcess

_HTTP_PATIENCE = 2.0
"""Seconds for one question over HTTP; a server without a leader takes longer to say so."""

_CLIENT_CERTS = "--client-cert-auth"


@dataclass
class EtcdMember:
    """A member, running or not. `start` after `kill` or `stop` goes on with the data it had."""

    name: str
    binary: Path
    folder: Path
    client_port: int
    peer_port: int
    flags: Sequence[str]
    tls: Certificates | None
    _process: ServerProcess | None = field(default=None, init=False, repr=False)

    @property
    def endpoint(self) -> str:
        """Where clients reach it."""
        return f"127.0.0.1:{self.client_port}"

    @property
    def peer_url(self) -> str:
        """Where the other members reach it; never with TLS, which is about clients here."""
        return f"http://127.0.0.1:{self.peer_port}"

    @property
    def log(self) -> Path:
        """What it wrote to stdout and stderr, of all its lives."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """Of the latest process."""
        return self._server.pid

    @property
    def running(self) -> bool:
        """Whether its process lives, paused or not."""
        return self._process is not None and self._process.running

    @property
    def answering(self) -> bool:
        """Whether its process lives and is not paused; it may still lack a leader."""
        return self.running and not self._server.paused

    def start(self, cluster: str | None = None) -> None:
        """Start it; does not wait. `cluster` (name=url,…) is needed for the first time only."""
        if self.running:
            raise RuntimeError(f"{self.name} runs already")
        first = [] if cluster is None else ["--initial-cluster", cluster, "--initial-cluster-state", "new"]
        env = {name: value for name, value in os.environ.items() if not name.startswith("ETCD")}
        if platform.machine() in ("aarch64", "arm64"):
            env["ETCD_UNSUPPORTED_ARCH"] = "arm64"  # etcd 3.4 runs there only when told to
        self._process = ServerProcess(
            [str(self.binary), *self._arguments(), *first, *self.flags], self.log, env
        )

    def stop(self) -> None:
        """SIGTERM, and wait for its end."""
        self._server.stop()

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        self._server.kill()

    def pause(self) -> None:
        """SIGSTOP: connections stay, answers do not come."""
        self._server.pause()

    def resume(self) -> None:
        """SIGCONT."""
        self._server.resume()

    def close(self) -> None:
        """End it however it is; may be called twice, and before any start."""
        if self._process is not None:
            self._process.kill()

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
        connection = self._connection()
        try:
            connection.request(method, path, body="{}" if method == "POST" else None)
            with connection.getresponse() as response:
                answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return {}
        finally:
            connection.close()
        return answer if isinstance(answer, dict) else {}

    def _connection(self) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection(self.endpoint, timeout=_HTTP_PATIENCE)
        context = ssl.create_default_context()
        context.check_hostname = (
            False  # what it shows may be wrong on purpose: that is for the store to refuse
        )
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(self.tls.client.cert, self.tls.client.key)
        return http.client.HTTPSConnection(self.endpoint, timeout=_HTTP_PATIENCE, context=context)

    @property
    def _server(self) -> ServerProcess:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process
