"""Clusters that ask who you are: users, roles and what they may touch."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coordination import Manager, connect
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.store import EtcdStore
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import etcd_binary

ROOT = "root-pass word:/?#@"
"""Has every character that is special in a URL."""
PASSWORD = "correct-horse"
USER = "worker"
TOKENS = 5
"""Seconds that a token is good for."""
BRIEF = ("--auth-token", "simple", "--auth-token-ttl", str(TOKENS))
CHEAP = ("--bcrypt-cost", "4")


@dataclass
class Realm:
    """A cluster with root, and a user who may touch what begins with `mine/`."""

    cluster: EtcdCluster
    _enabled: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.ctl("user", "add", f"root:{ROOT}")
        self.ctl("user", "grant-role", "root", "root")
        self.ctl("role", "add", "role")
        self.grant("mine/")
        self.ctl("user", "add", f"{USER}:{PASSWORD}")
        self.ctl("user", "grant-role", USER, "role")

    def ctl(self, *args: str) -> str:
        """etcdctl, as root once that is necessary."""
        who = ("--user", "root", "--password", ROOT) if self._enabled else ()
        return self.cluster.ctl(*who, *args)

    def enable(self) -> None:
        """From now on everybody has to be somebody."""
        self.ctl("auth", "enable")
        self._enabled = True

    def grant(self, prefix: str) -> None:
        """Let the user do anything below."""
        self.ctl("role", "grant-permission", "role", "readwrite", prefix, "--prefix=true")

    def revoke(self, prefix: str) -> None:
        """Take it back."""
        self.ctl("role", "revoke-permission", "role", prefix, "--prefix=true")

    def change_password(self, user: str, password: str) -> None:
        """Over etcd's HTTP gateway, for etcdctl asks a terminal."""
        token = self._post("authenticate", {}, name="root", password=ROOT)["token"]
        self._post("user/changepw", {"Authorization": str(token)}, name=user, password=password)

    def _post(self, path: str, headers: dict[str, str], **fields: str) -> dict[str, object]:
        connection = http.client.HTTPConnection(self.cluster.endpoints[0], timeout=10)
        try:
            connection.request("POST", f"/v3/auth/{path}", json.dumps(fields), headers)
            answer = connection.getresponse()
            body: dict[str, object] = json.loads(answer.read())
        finally:
            connection.close()
        assert answer.status == 200, body
        return body

    def store(self, prefix: str) -> EtcdStore:
        """As the user, without a manager."""
        url = f"etcd://{self.cluster.endpoints[0]}{prefix}"
        return open_store(url, user=f"{USER}:{PASSWORD}", plaintext_password=True)

    def connect(self, endpoint: str | None = None, prefix: str = "mine", **options: Any) -> Manager:
        """As the user, unless said otherwise."""
        who = {"user": USER, "password": PASSWORD, "plaintext_password": True, **options}
        return connect(f"etcd://{endpoint or self.cluster.endpoints[0]}/{prefix}", **who)


@contextmanager
def realm(version: str, folder: Path, flags: Sequence[str] = BRIEF, *, live: bool = True) -> Iterator[Realm]:
    """One that is enabled, if `live`."""
    with EtcdCluster(etcd_binary(version), folder, flags=[*flags, *CHEAP]) as cluster:
        made = Realm(cluster)
        if live:
            made.enable()
        yield made
