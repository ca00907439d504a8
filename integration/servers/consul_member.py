"""One Consul server of a cluster: its ports, its configuration, its life."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integration.servers.consul_binaries import CONSUL
from integration.servers.member import Member

_PATIENCE = 15.0
"""Seconds for one question of a test; a server without a leader keeps it for 7 s, hoping for one."""

SESSION_TTL_MIN = 1.0
"""Seconds: the shortest ttl of a session; with Consul's default of 10 all suites would wait."""

_NOWHERE = "coordination-tests/healthy"


class Refused(RuntimeError):
    """Consul answered a question with a failure: its status, and what it says."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status} {said}")
        self.status = status


@dataclass(kw_only=True)
class ConsulMember(Member):
    """A member of a Consul cluster, one of `size`. Servers among themselves never use TLS here."""

    server_port: int
    serf_port: int
    size: int
    join: Sequence[str]
    config: Mapping[str, object]

    @property
    def http_port(self) -> int:
        """Of its API; with `tls` it speaks HTTPS there, and HTTP nowhere."""
        return self.client_port

    @property
    def server_address(self) -> str:
        """What the servers call it among themselves."""
        return f"127.0.0.1:{self.server_port}"

    def start(self) -> None:
        """Start it; does not wait."""
        files = []
        for name, content in (("own", self._own_config()), ("given", dict(self.config))):
            file = self.folder / f"{self.name}-{name}.json"
            file.write_text(json.dumps(content, indent=1))
            files += ["-config-file", str(file)]  # Consul itself merges them, and the last one wins
        env = {name: value for name, value in os.environ.items() if not name.startswith("CONSUL")}
        self._run([str(self.binary), "agent", *files], env)

    def healthy(self) -> bool:
        """Whether it knows all servers, reads consistently, writes, and can have sessions.

        These belong to its node, which its leader registers late. Nothing is written by asking.
        """
        nothing = [{"KV": {"Verb": "delete", "Key": _NOWHERE}}]
        try:
            self.ask("PUT", "/v1/txn", nothing, patience=2.0)
            nodes = self.ask("GET", "/v1/catalog/nodes?consistent", patience=2.0)
            peers = self.ask("GET", "/v1/status/peers", patience=2.0)
            if self.management_token:  # policies are known once all servers have told that they know them
                self.ask("GET", "/v1/acl/policies", patience=2.0)
        except (OSError, http.client.HTTPException, Refused):
            return False
        return len(peers) == self.size and any(node["Node"] == self.name for node in nodes)

    def named_leader(self) -> str:
        """The server address of whom it takes for the leader; "" if it knows of none, or is down."""
        try:
            return str(self.ask("GET", "/v1/status/leader", patience=2.0))
        except (OSError, http.client.HTTPException, Refused):
            return ""

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        token: str | None = None,
        patience: float = _PATIENCE,
    ) -> Any:
        """What it answers, as JSON; None if there is no such thing (404); any other failure is `Refused`.

        Without a `token` it is the management token of the configuration, if that has one.
        """
        token = self.management_token if token is None else token
        connection = self.connection(patience)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"X-Consul-Token": token} if token else {})
            with connection.getresponse() as response:
                said = response.read()
        finally:
            connection.close()
        if response.status == http.client.NOT_FOUND:
            return None
        if response.status != http.client.OK:
            raise Refused(response.status, said.decode(errors="replace"))
        return json.loads(said) if said else None

    @property
    def management_token(self) -> str:
        """Which may do everything, where the configuration names one; "" without access control."""
        acl = self.config.get("acl")
        tokens = acl.get("tokens", {}) if isinstance(acl, Mapping) else {}
        return str(tokens.get("initial_management", tokens.get("master", "")))

    def _own_config(self) -> dict[str, object]:
        own: dict[str, object] = {
            "node_name": self.name,
            "data_dir": str(self.folder / self.name),
            "server": True,
            "bootstrap_expect": self.size,
            "retry_join": list(self.join),
            "retry_interval": "500ms",
            "bind_addr": "127.0.0.1",
            "client_addr": "127.0.0.1",
            "ports": self._ports(),
            "performance": {"raft_multiplier": 1},
            "autopilot": {"cleanup_dead_servers": False},  # what a test kills comes back
            "session_ttl_min": f"{SESSION_TTL_MIN}s",
            "leave_on_terminate": False,
            "disable_update_check": True,
        }
        tls: dict[str, object] = {}
        if self.tls is not None:
            tls = {"ca_file": str(self.tls.ca), **self.tls.server.config}
        return own | tls

    def _ports(self) -> dict[str, int]:
        http_port, https_port = (self.client_port, -1) if self.tls is None else (-1, self.client_port)
        ports = {
            "http": http_port,
            "https": https_port,
            "server": self.server_port,
            "serf_lan": self.serf_port,
            "serf_wan": -1,
            "dns": -1,
            "grpc": -1,
        }
        if _release(CONSUL.version_of(self.binary)) >= (1, 14):
            ports["grpc_tls"] = -1  # which these open unasked, and older ones have never heard of
        return ports


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
