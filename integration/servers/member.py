"""What the members of any cluster share: a process that lives, a port for clients, a log."""

from __future__ import annotations

import http.client
import ssl
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from integration.servers.certificates import Certificates
from integration.servers.process import ServerProcess

_HTTP_PATIENCE = 2.0
"""Seconds for one question over HTTP; a server without a leader takes longer to say so."""


@dataclass(kw_only=True)
class Member(ABC):
    """A member, running or not. `start` after `kill` or `stop` goes on with the data it had."""

    name: str
    binary: Path
    folder: Path
    client_port: int
    tls: Certificates | None
    _process: ServerProcess | None = field(default=None, init=False, repr=False)

    @property
    def endpoint(self) -> str:
        """Where clients reach it."""
        return f"127.0.0.1:{self.client_port}"

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

    @abstractmethod
    def start(self) -> None:
        """Start it; does not wait."""

    @abstractmethod
    def healthy(self) -> bool:
        """Whether it answers as a member of a cluster that has a leader."""

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

    def connection(self, patience: float = _HTTP_PATIENCE) -> http.client.HTTPConnection:
        """To its port for clients, not open yet; whatever certificate it shows will do."""
        if self.tls is None:
            return http.client.HTTPConnection(self.endpoint, timeout=patience)
        context = ssl.create_default_context()
        context.check_hostname = (
            False  # what it shows may be wrong on purpose: that is for the store to refuse
        )
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(self.tls.client.cert, self.tls.client.key)
        return http.client.HTTPSConnection(self.endpoint, timeout=patience, context=context)

    def _run(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        if self.running:
            raise RuntimeError(f"{self.name} runs already")
        self._process = ServerProcess(command, self.log, env)

    @property
    def _server(self) -> ServerProcess:
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._process
