"""Many waiters for one lock on Consul: the requests of a hand-over must not grow with the threads."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from benchmarks.prove.figure import Figure, at_most
from benchmarks.prove.issue3.servers import cluster
from benchmarks.prove.issue4.timeline import Timeline, order
from benchmarks.prove.issue4.waiters import crowd
from integration.servers.http_proxy import HttpProxy

PROCESSES = 4
SECONDS = {1: 4.0, 10: 6.0, 50: 10.0}
"""By the number of threads in each process."""

SETTLING = 2.0
REQUESTS = 2 + 2 * PROCESSES


def figures() -> Iterator[Figure]:
    """With each number of threads."""
    with cluster() as node, HttpProxy(node.endpoints[0]) as way:
        for threads in SECONDS:
            yield from contended(way, threads)


def contended(way: HttpProxy, threads: int) -> Iterator[Figure]:
    """So many in each process."""
    waiters = threads * PROCESSES
    with crowd(f"consul://{way.endpoint}", waiters, PROCESSES) as many:
        many.start()
        time.sleep(SETTLING)
        began = time.monotonic()
        time.sleep(SECONDS[threads])
        timeline = Timeline(many.stop(), began, began + SECONDS[threads])
    asked = Counter(_kind(it.target) for it in way.requests if began <= it.at < began + SECONDS[threads])
    name = f"Consul, {PROCESSES} processes of {threads} threads"
    had = max(1, len(timeline.steady))
    parts = {f"{kind}, each": round(count / had, 2) for kind, count in asked.most_common()}
    parts["acquisitions a second"] = round(timeline.rate)
    yield at_most(f"{name}: requests per acquisition", REQUESTS, asked.total() / had, "", **parts)
    yield from order(name, timeline, waiters)


def _kind(target: str) -> str:
    """A path without names, and whether it is a query that blocks."""
    path, _, query = target.partition("?")
    return "/".join(path.split("/")[:3]) + (" (blocking)" if "wait=" in query or "index=" in query else "")
