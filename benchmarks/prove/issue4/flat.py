"""Thousands of locks held by one process, and a thousand waited for by as many tasks: what that costs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.prove.children import calling, until
from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue2 import servers as etcd
from benchmarks.prove.issue3 import servers as consul
from benchmarks.prove.issue4.keepers import FEW, SETTLING, held, locks, tasks, weights
from benchmarks.prove.keepers import go, keeper, told
from coordination import connect
from integration.servers.http_proxy import HttpProxy

TTL = 15.0
TTLS = 3
OPERATIONS = 1.0
CPU = 10.0
BYTES = 1024.0
WEIGHED = 2_000
WAITING = 1_000
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    """A server: its name, how to reach it, what it was asked for so far, which contenders it has."""

    name: str
    url: str
    asked: Callable[[], Counter[str]]
    keys: Callable[[], list[str]]
    count: int

    def contenders(self) -> int:
        """In all queues."""
        return sum("/locks/" in key for key in self.keys())


def figures() -> Iterator[Figure]:
    """Both servers at the same time, for most of it is waiting."""
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda on: list(on()), (on_etcd, on_consul)):
            yield from found


def on_etcd() -> Iterator[Figure]:
    """Ten thousand."""
    with etcd.cluster() as node:
        endpoint = node.endpoints[0]
        place = Place(
            "etcd", node.url, lambda: etcd.Counters(endpoint).received(), lambda: etcd.keys_of(node), 10_000
        )
        yield from holding(place)
        yield from waiting(place)


def on_consul() -> Iterator[Figure]:
    """A thousand."""
    with consul.cluster() as node, HttpProxy(node.endpoints[0]) as way:

        def asked() -> Counter[str]:
            return Counter("/".join(request.path.split("/")[:4]) for request in way.requests)

        def keys() -> list[str]:
            found: list[str] = node.ask("GET", "/v1/kv/?keys") or []
            return found

        place = Place("Consul", f"consul://{way.endpoint}", asked, keys, 1_000)
        yield from holding(place)
        yield from waiting(place)


def holding(place: Place) -> Iterator[Figure]:
    """What it costs to hold them for three ttls, and whether all are there at the end."""
    seconds = TTLS * TTL
    with keeper(locks, place.url, str(place.count), str(TTL), str(seconds)) as program:
        before = place.asked()
        go(program)
        report = told(program)
        asked = place.asked() - before
        missing = place.count + FEW - place.contenders()
        go(program)
        program.wait()
    with calling(weights, place.url, str(min(place.count, WEIGHED))) as program:
        allocated = told(program)["allocated"]
    name = f"{place.name}: {place.count} locks held by one process, ttl {TTL:g} s, for {TTLS} ttls"
    yield at_most(f"{name}: server operations", OPERATIONS, asked.total() / seconds, "per s", **asked)
    yield at_most(f"{name}: client CPU, proofs included", CPU, report["cpu"] * 1000 / seconds, "ms per s")
    yield threads(name, report["more"], place.count)
    resident = {"grown by, as the system counts (RSS), bytes each": round(report["resident"])}
    yield at_most(f"{name}: allocated by Python (tracemalloc)", BYTES, allocated, "bytes each", **resident)
    lost = max(report["lost"], missing)
    yield none_of(name, "lost", lost, f"{place.count}", missing_at_the_server=missing)


def waiting(place: Place) -> Iterator[Figure]:
    """A task for each name that somebody else has: threads do not grow with them, and all get their turn."""
    others = place.contenders()
    with connect(place.url) as holder:
        holds = held(holder, "awaited", range(WAITING), TTL)
        with keeper(tasks, place.url, str(WAITING)) as program:
            assert until(lambda: place.contenders() == others + WAITING + FEW, PATIENCE)
            time.sleep(TTL / 3 + SETTLING)
            go(program)
            assert until(lambda: place.contenders() == others + 2 * WAITING, PATIENCE)
            time.sleep(SETTLING)
            go(program)
            more = told(program)["more"]
            for hold in holds:
                hold.release()
            got = told(program)["got"]
    name = f"{place.name}: {WAITING} asyncio tasks waiting for {WAITING} names"
    yield threads(name, more, WAITING)
    yield Figure(f"{name}: had their turn", f"{WAITING}", f"{got}", got == WAITING)


def threads(name: str, more: list[str], of: int) -> Figure:
    """Those that many take and a few did not."""
    names = {"they are": " ".join(more)} if more else {}
    return none_of(f"{name}: more threads than for {FEW}", "threads", len(more), f"{of}", **names)
