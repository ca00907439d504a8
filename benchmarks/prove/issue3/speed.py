"""What a record and a lease cost beside one acquire and one release PUT over a kept-alive urllib3 pool.

The floor is as low as urllib3 has it: targets made beforehand, answers not even parsed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import urllib3

from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue3.servers import cluster
from benchmarks.prove.pairs import FLOOR, VALUE, Pair, by_the_floor, lease_pair, record_pair
from coordination import connect
from coordination.record import Session
from coordination.stores.consul.opening import open_store
from integration.servers.consul import ConsulCluster
from integration.servers.http_proxy import HttpProxy

LIMITS = {"create + delete": 1.10}
COUNTED = 100
TTL = 60.0


class Raw:
    """Consul's own lock, on a connection of its own; its session is as ours."""

    def __init__(self, endpoint: str, session: Session) -> None:
        host, port = endpoint.split(":")
        self._pool = urllib3.HTTPConnectionPool(host, int(port), maxsize=1)
        self._session = session.id
        self._acquire = f"/v1/kv/coordination/@/leases/raw?acquire={session.id}"
        self._release = f"/v1/kv/coordination/@/leases/raw?release={session.id}"

    def pair(self) -> None:
        """One acquire and one release: the floor."""
        assert self._pool.request("PUT", self._acquire, body=VALUE).data.strip() == b"true"
        assert self._pool.request("PUT", self._release, body=VALUE).data.strip() == b"true"

    def close(self) -> None:
        """Hang up."""
        self._pool.close()


def operations(node: ConsulCluster) -> Iterator[Figure]:
    """Requests and connections, counted on the way to the server; and what is left after."""
    with HttpProxy(node.endpoints[0]) as way, connect(f"consul://{way.endpoint}") as manager:
        store = open_store(f"consul://{way.endpoint}")
        session = store.open_session(TTL, timeout=5.0)
        pairs = {"create + delete": record_pair(store, session), "acquire + release": lease_pair(manager)}
        for pair in pairs.values():
            pair()
        opened = way.connections
        asked = {name: _asked(way, pair) for name, pair in pairs.items()}
        opened = way.connections - opened
        store.close_session(session, timeout=5.0)
        store.close()
    each = asked["create + delete"].total() / COUNTED
    parts = {name: {path: n / COUNTED for path, n in found.items()} for name, found in asked.items()}
    yield Figure("requests of create + delete", "exactly 2", f"{each:g}", each == 2.0, parts)
    yield none_of("new connections while that was done", "connections", opened, f"{2 * COUNTED} pairs")
    left = len(node.ask("GET", "/v1/session/list")) + len(node.ask("GET", "/v1/kv/?keys") or [])
    yield none_of("left on the server by acquire + release", "sessions and keys", left, f"{COUNTED} pairs")


def _asked(way: HttpProxy, pair: Pair) -> Counter[str]:
    """What so many pairs asked for, by path."""
    before = len(way.requests)
    for _ in range(COUNTED):
        pair()
    return Counter(_kind(request.path) for request in way.requests[before:])


def _kind(path: str) -> str:
    return "/".join(path.split("/")[:4])


def ratios(node: ConsulCluster) -> Iterator[Figure]:
    """How much longer than the floor they take."""
    with connect(node.url) as manager:
        store = open_store(node.url)
        session = store.open_session(600, timeout=5.0)
        raw = Raw(node.endpoints[0], session)
        pairs: dict[str, Callable[[], object]] = {
            FLOOR: raw.pair,
            "create + delete": record_pair(store, session),
            "acquire + release": lease_pair(manager),
        }
        yield from by_the_floor("Consul (raw: acquire PUT, release PUT)", pairs, LIMITS)
        raw.close()
        store.close()


def figures() -> Iterator[Figure]:
    """On one server."""
    with cluster() as node:
        yield from operations(node)
        yield from ratios(node)
