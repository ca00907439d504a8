"""The servers of both kinds under the same few verbs, so that a topic is written once for both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from benchmarks.prove.issue2 import servers as etcd
from benchmarks.prove.issue3 import servers as consul
from coordination.store import Store
from coordination.stores.consul.opening import open_store as open_consul
from coordination.stores.etcd.opening import open_store as open_etcd
from integration.etcd.raw import Raw
from integration.servers.consul import ConsulCluster
from integration.servers.etcd import EtcdCluster
from integration.servers.fault import Fault
from integration.servers.grpc_proxy import GrpcProxy
from integration.servers.http_proxy import HttpProxy

MANY = 10_000
"""Answers on a stream, more than there will be."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to a server that can be spoilt."""

    url: str
    drop_events: Callable[[], None]
    """From now on no watch tells anything."""
    delay_create: Callable[[float], None]
    """The next request that writes a contender arrives so many seconds late."""


class Server(Protocol):
    """One that runs."""

    name: str
    ttl: float
    """Seconds: a short one that it grants."""
    soon: float
    """Seconds within which a holder is told."""

    @property
    def url(self) -> str: ...

    def store(self) -> Store:
        """A new one on it, straight."""
        ...

    def revoke(self, session: str) -> None:
        """End it by the server's own API."""
        ...

    def sessions(self) -> int:
        """How many there are."""
        ...

    def keys(self) -> list[str]:
        """All."""
        ...

    def spoilt(self) -> AbstractContextManager[Way]:
        """A proxy before it."""
        ...


class Etcd:
    """A single node of the later version."""

    name, ttl, soon = "etcd", 6.0, 0.1

    def __init__(self, node: EtcdCluster) -> None:
        self._node = node
        self._raw = Raw(node.endpoints[0])
        self.url = node.url

    def store(self) -> Store:
        return open_etcd(self.url)

    def revoke(self, session: str) -> None:
        self._raw.call("Lease/LeaseRevoke", "LeaseRevoke", ID=int(session, 16))

    def sessions(self) -> int:
        return etcd.sessions_of(self._node)

    def keys(self) -> list[str]:
        return etcd.keys_of(self._node)

    @contextmanager
    def spoilt(self) -> Iterator[Way]:
        with GrpcProxy(self._node.endpoints[0]) as way:
            yield Way(
                f"etcd://{way.endpoint}",
                lambda: way.next("Watch", *[Fault(swallow=True)] * MANY),
                lambda seconds: way.next("Txn", Fault(land_after=seconds)),
            )


class Consul:
    """A single server, its limits as shipped."""

    name, ttl, soon = "Consul", 10.0, 0.5

    def __init__(self, node: ConsulCluster) -> None:
        self._node = node
        self.url = node.url

    def store(self) -> Store:
        return open_consul(self.url)

    def revoke(self, session: str) -> None:
        assert self._node.ask("PUT", f"/v1/session/destroy/{session}") is True

    def sessions(self) -> int:
        return len(self._node.ask("GET", "/v1/session/list"))

    def keys(self) -> list[str]:
        return [str(key) for key in self._node.ask("GET", "/v1/kv/?keys") or []]

    @contextmanager
    def spoilt(self) -> Iterator[Way]:
        with HttpProxy(self._node.endpoints[0]) as way:
            yield Way(
                f"consul://{way.endpoint}",
                lambda: way.always(lambda it: "index=" in it.query, Fault(swallow=True)),
                lambda seconds: way.next(lambda it: "lock" in it.verbs, Fault(land_after=seconds)),
            )


@contextmanager
def each() -> Iterator[tuple[Server, Server]]:
    """One of each kind, for the length of a block."""
    with etcd.cluster() as one, consul.cluster() as other:
        yield Etcd(one), Consul(other)
