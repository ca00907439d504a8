"""The servers that docker/consul's compose files describe, as processes of this machine, without docker.

What the files mount and command is read out of them, and only folders and addresses are replaced. So a
setting that Consul does not know, or that stands in another's way, shows here; what docker itself makes
of the files does not.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from integration.servers.consul_binaries import consul_binary
from integration.servers.ports import Ports
from integration.servers.process import ServerProcess

DOCKER = Path(__file__).resolve().parents[2] / "docker"

_MOUNT = re.compile(r'"\./([\w.]+):/settings/([\w.]+):ro"')
_COMMAND = re.compile(r"command: \[(.*)\]")

_PATIENCE = 60.0
"""Seconds for three servers to find each other and a leader: mostly three."""


@dataclass(frozen=True)
class Composed:
    """Servers that run, and perhaps know each other already; with `trust` they speak HTTPS."""

    endpoints: list[str]
    log: Path
    trust: ssl.SSLContext | None

    @property
    def url(self) -> str:
        """The URL for `connect`, without a prefix."""
        return f"{'consul' if self.trust is None else 'consuls'}://{','.join(self.endpoints)}"

    def wait_until_united(self) -> None:
        """Until all of them know as many servers as there are, and the same leader."""
        give_up = time.monotonic() + _PATIENCE
        while not self._united():
            assert time.monotonic() < give_up, self.log.read_text("utf-8")[-5_000:]
            time.sleep(0.2)

    def _united(self) -> bool:
        try:
            known = [(len(self._status(it, "peers")), self._status(it, "leader")) for it in self.endpoints]
        except (OSError, http.client.HTTPException, ValueError):  # an error's text is no JSON
            return False
        return known[0][1] != "" and set(known) == {(len(self.endpoints), known[0][1])}

    def _status(self, endpoint: str, of: str) -> str:
        connection = http.client.HTTPConnection(endpoint, timeout=5)
        if self.trust is not None:
            connection = http.client.HTTPSConnection(endpoint, timeout=5, context=self.trust)
        try:
            connection.request("GET", f"/v1/status/{of}")
            said: str = json.loads(connection.getresponse().read())
            return said
        finally:
            connection.close()


@contextmanager
def composed(folder: Path, variant: str = "", trust: ssl.SSLContext | None = None) -> Iterator[Composed]:
    """What compose.yaml and compose.VARIANT.yaml describe; certificates are in `folder`/certificates."""
    files = ["compose.yaml", *([f"compose.{variant}.yaml"] if variant else [])]
    text = "".join((DOCKER / "consul" / file).read_text("utf-8") for file in files)
    _lay_out(text, folder)
    told = [command.split(", ") for command in _COMMAND.findall(text)]
    ports = Ports()
    with ExitStack() as ended:
        ended.callback(ports.give_back)
        gossip = [ports.take() for _ in told]
        api = [ports.take() for _ in told]
        for command, serf, port in zip(told, gossip, api, strict=True):
            inside = [word.replace("/settings", f"{folder}/settings") for word in command]
            here = [
                *("-bind=127.0.0.1", "-client=127.0.0.1", f"-data-dir={folder}/data-{port}"),
                *(f"-{'http' if trust is None else 'https'}-port={port}", f"-server-port={ports.take()}"),
                *(f"-serf-lan-port={serf}", "-serf-wan-port=-1", "-dns-port=-1"),
                *(f"-retry-join=127.0.0.1:{other}" for other in gossip),
            ]
            server = ServerProcess([str(consul_binary()), *inside, *here], folder / "log", {})
            ended.callback(server.kill)
        yield Composed([f"127.0.0.1:{port}" for port in api], folder / "log", trust)


def _lay_out(text: str, folder: Path) -> None:
    """Every file that is mounted among the settings, as the servers would find it."""
    (folder / "settings").mkdir()
    for file, name in _MOUNT.findall(text):
        content = (DOCKER / "consul" / file).read_text("utf-8")
        here = content.replace('"/certificates/', f'"{folder}/certificates/')
        (folder / "settings" / name).write_text(here, "utf-8")
