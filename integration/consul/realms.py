"""A Consul that asks who you are: tokens, what they may do, and calls that need them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coordination import Manager, connect
from integration.servers.consul import ConsulCluster
from integration.servers.consul_acl import Acl, access_control
from integration.servers.consul_binaries import consul_binary

Call = Callable[[], object]

SESSIONS = 'session_prefix "" { policy = "write" }'
WRITES = 'key_prefix "mine/" { policy = "write" }'
READS = 'key_prefix "mine/" { policy = "read" }'
ONE_NODE = f'{WRITES} session "m1" {{ policy = "write" }}'
"""Enough where each agent is known by the name of its node."""


def policy() -> str:
    """What docs/consul.md tells an operator to allow, for the prefix `mine`."""
    page = (Path(__file__).parents[2] / "docs/consul.md").read_text(encoding="utf-8")
    [rules] = re.findall(r"^```hcl\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert rules.count('"shop/"') == 1
    return str(rules.replace('"shop/"', '"mine/"'))


@dataclass
class Realm:
    """A cluster that lets nobody do anything without a token."""

    cluster: ConsulCluster
    acl: Acl

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return self.cluster.endpoints[0]

    def connect(self, token: str | None, endpoint: str = "", prefix: str = "mine", **options: Any) -> Manager:
        """With this token, or none."""
        return connect(f"consul://{endpoint or self.endpoint}/{prefix}", token=token, **options)

    def sessions(self) -> list[str]:
        """All there are."""
        return [session["ID"] for session in self.cluster.ask("GET", "/v1/session/list")]


@contextmanager
def realm(folder: Path) -> Iterator[Realm]:
    """One of its own."""
    management = str(uuid.uuid4())
    with ConsulCluster(consul_binary(), folder, config=access_control(management)) as cluster:
        yield Realm(cluster, Acl(cluster, management))


def writing(manager: Manager) -> list[Call]:
    """Calls that need a right to write, on a name that is held and on one that is free."""
    return [
        lambda: manager.acquire_lease("name", period=10),
        lambda: manager.acquire_lease("free", period=10),
        lambda: manager.wait_lease("name", period=10, timeout=60),
        lambda: manager.wait_lease("free", period=10),
    ]


def reading(manager: Manager) -> list[Call]:
    """Calls that need a right to read, on what is there."""
    return [
        lambda: manager.get_lease("name"),
        lambda: manager.read("key"),
        lambda: manager.resume("name", "a" * 64),
        lambda: next(iter(manager.watch("name"))),
        manager.list_leases,
    ]
