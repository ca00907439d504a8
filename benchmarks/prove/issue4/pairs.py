"""What a lock that nobody else wants costs beside two raw requests, on both faces; and what it asks for."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import coordination.aio
from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue2 import servers as etcd
from benchmarks.prove.issue2 import speed as raw_etcd
from benchmarks.prove.issue3 import servers as consul
from benchmarks.prove.issue3 import speed as raw_consul
from benchmarks.prove.pairs import FLOOR, Drive, Pair, awaited_lock_pair, by_the_floor, done, lock_pair
from coordination import connect
from coordination.stores.consul.opening import open_store as open_consul
from coordination.stores.etcd.opening import open_store as open_etcd
from integration.servers.etcd_binaries import VERSIONS
from integration.servers.http_proxy import HttpProxy
from integration.servers.tcp_proxy import TcpProxy

BLOCKING, ASYNCIO = "lock pair, blocking", "lock pair, asyncio"
ON_ETCD = {BLOCKING: 1.20, ASYNCIO: 1.35}
ON_CONSUL = {BLOCKING: 1.10, ASYNCIO: 1.35}

COUNTED = 100
SETTLING = 1.0
"""Seconds for what the first pair of a manager sets going in the background."""

Asked = Counter[str]


def figures() -> Iterator[Figure]:
    """On each server."""
    for version in VERSIONS:
        yield from on_etcd(version)
    yield from on_consul()


@contextmanager
def faces(url: str) -> Iterator[tuple[dict[str, Pair], Drive]]:
    """A pair of each face, done once, so that all is open; and what drives the loop of the second."""
    with connect(url) as manager, asyncio.Runner() as runner:
        tasks = coordination.aio.connect(url)
        pairs: dict[str, Pair] = {BLOCKING: lock_pair(manager), ASYNCIO: awaited_lock_pair(tasks)}
        try:
            for pair in pairs.values():
                runner.run(done(pair, 1))
            time.sleep(SETTLING)
            yield pairs, runner.run
        finally:
            runner.run(tasks.close())


def counted(
    what: str,
    pairs: dict[str, Pair],
    drive: Drive,
    asked: Callable[[], Asked],
    connections: Callable[[], int],
) -> Iterator[Figure]:
    """What a pair asks the server for, and over what, by the server or a proxy before it."""
    opened = connections()
    for name, pair in pairs.items():
        before = asked()
        drive(done(pair, COUNTED))
        meanwhile = asked() - before
        each = meanwhile.total() / COUNTED
        title = f"{what}: server operations of a {name}"
        yield Figure(title, "exactly 2", f"{each:g}", each == 2.0, dict(meanwhile))
    title = f"{what}: new connections while that was done"
    yield none_of(title, "connections", connections() - opened, f"{len(pairs) * COUNTED} pairs")


def on_etcd(version: str) -> Iterator[Figure]:
    """Two transactions over sync grpcio are the floor."""
    with etcd.cluster(version=version) as node:
        endpoint = node.endpoints[0]
        with TcpProxy(endpoint) as way, faces(f"etcd://{way.endpoint}") as (pairs, drive):

            def asked() -> Asked:
                return etcd.Counters(endpoint).calls()

            yield from counted(f"etcd {version}", pairs, drive, asked, lambda: way.connections)
        store = open_etcd(node.url)
        raw = raw_etcd.Raw(endpoint, store.open_session(600, timeout=5.0))
        with faces(node.url) as (pairs, drive):
            yield from by_the_floor(f"etcd {version}", {FLOOR: raw.pair, **pairs}, ON_ETCD, drive)
        raw.close()
        store.close()


def on_consul() -> Iterator[Figure]:
    """An acquire PUT and a release PUT over one connection of urllib3 are the floor."""
    with consul.cluster() as node:
        with HttpProxy(node.endpoints[0]) as way, faces(f"consul://{way.endpoint}") as (pairs, drive):

            def asked() -> Asked:
                return Counter(request.path for request in way.requests)

            yield from counted("Consul", pairs, drive, asked, lambda: way.connections)
        store = open_consul(node.url)
        raw = raw_consul.Raw(node.endpoints[0], store.open_session(600, timeout=5.0))
        with faces(node.url) as (pairs, drive):
            yield from by_the_floor("Consul", {FLOOR: raw.pair, **pairs}, ON_CONSUL, drive)
        raw.close()
        store.close()
