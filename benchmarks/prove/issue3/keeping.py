"""A thousand records kept on one session, and a thousand leases kept alive: what it costs; none is lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue3.keepers import records
from benchmarks.prove.issue3.servers import cluster
from benchmarks.prove.keepers import go, keeper, leases, span, told
from integration.servers.consul import ConsulCluster
from integration.servers.http_proxy import HttpProxy

COUNT = 1_000
TTLS = 4
RECORDS_TTL = 15.0
LEASES_PERIOD = 30.0
LEASES_PERIODS = 2

REQUESTS = 0.5
CPU = 2.0
"""At most, in requests and in milliseconds, for each second."""

Asked = Counter[str]


def kept(
    node: ConsulCluster, program: Callable[..., None], ttl: float, seconds: float
) -> tuple[Asked, dict[str, Any]]:
    """What a program that keeps a thousand of a kind asked for meanwhile, and what it reports."""
    with HttpProxy(node.endpoints[0]) as way:
        arguments = (f"consul://{way.endpoint}", str(COUNT), str(ttl), str(seconds))
        with keeper(program, *arguments) as running:
            began = time.monotonic()
            go(running)
            report = told(running)
    meanwhile = [it for it in way.requests if began <= it.at <= began + seconds]
    return Counter("/".join(it.path.split("/")[:4]) for it in meanwhile), report


def records_kept(node: ConsulCluster) -> Iterator[Figure]:
    """On one session, without the proof: that is the manager's, which rewrites what it holds."""
    seconds = TTLS * RECORDS_TTL
    asked, report = kept(node, records, RECORDS_TTL, seconds)
    name = f"{COUNT} records kept on one session and watched, ttl {RECORDS_TTL:g} s, for {TTLS} ttls"
    yield at_most(f"{name}: requests", REQUESTS, asked.total() / seconds, "per s", **asked)
    milliseconds = report["cpu"] * 1000 / seconds
    yield at_most(f"{name}: client CPU", CPU, milliseconds, "ms per s", renewals=report["count"])
    threads = report["threads"]
    yield Figure(f"{name}: threads", "constant", span(threads), min(threads) == max(threads))
    yield none_of(name, "lost or rewritten", report["lost"], f"{COUNT}")


def leases_kept(node: ConsulCluster) -> Iterator[Figure]:
    """As fleet has them: a session each, and each beat moves the index."""
    seconds = LEASES_PERIODS * LEASES_PERIOD
    asked, report = kept(node, leases, LEASES_PERIOD, seconds)
    name = f"{COUNT} leases kept, period {LEASES_PERIOD:g} s, for {LEASES_PERIODS} periods"
    cost = {
        "client CPU, us per beat": round(report["cpu"] / max(1, report["count"]) * 1e6),
        "client CPU, ms per s": round(report["cpu"] / seconds * 1000, 1),
        "beats": report["count"],
        "threads, more of them while the server is slow": span(report["threads"]),
        **{f"{path}, per s": round(count / seconds, 1) for path, count in asked.items()},
    }
    yield none_of(name, "lost", report["lost"], f"{COUNT}", **cost)
    least = (3 * LEASES_PERIODS - 1) * COUNT  # one beat each may fall just outside
    yield Figure(
        f"{name}: the index moves each beat", f">= {least}", str(report["count"]), report["count"] >= least
    )


def figures() -> Iterator[Figure]:
    """Side by side, each on a server of its own: what counts is the CPU time of the two programs."""
    with cluster() as one, cluster() as other, ThreadPoolExecutor(1) as pool:
        beside = pool.submit(lambda: list(leases_kept(other)))
        yield from records_kept(one)
        yield from beside.result()
