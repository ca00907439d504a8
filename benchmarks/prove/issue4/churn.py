"""Thirty-two threads, a thousand locks each: nothing grows, and nobody waits for ever."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from benchmarks.prove.figure import Figure
from benchmarks.prove.issue4.churning import LOOK, churn
from benchmarks.prove.issue4.servers import Server, each
from benchmarks.prove.keepers import go, keeper, span, told

THREADS = 32
TIMES = 1_000
NAMES = {"etcd": 16, "Consul": 32}
"""By the server. On Consul each wait takes a connection and gives it back: there, a name for each thread."""

SPREAD = 2
WHAT = ("threads of Python", "threads of the process", "descriptors")


def figures() -> Iterator[Figure]:
    """On one server after the other, so that neither slows the other down."""
    with each() as servers:
        for server in servers:
            yield from churned(server)


def churned(server: Server) -> Iterator[Figure]:
    """Looked at from inside, and its sessions at the server."""
    sessions, names = [], NAMES[server.name]
    with (
        keeper(churn, server.url, str(THREADS), str(TIMES), str(names)) as program,
        ThreadPoolExecutor(1) as pool,
    ):
        go(program)
        report: Future[dict[str, Any]] = pool.submit(told, program)
        while not report.done():
            sessions.append(server.sessions())
            wait([report], timeout=LOOK)
        found = report.result()
        go(program)
    name = f"{server.name}: {THREADS} threads, {TIMES} times one of {names} locks each"
    whole = found["pairs"] == THREADS * TIMES
    rate = {"pairs a second": round(found["pairs"] / found["seconds"])}
    yield Figure(f"{name}: pairs done", f"{THREADS * TIMES}", f"{found['pairs']}", whole, rate)
    for what, numbers in [*zip(WHAT, zip(*found["looks"], strict=True), strict=True), ("sessions", sessions)]:
        steady = max(numbers) - min(numbers) <= 2 * SPREAD
        yield Figure(f"{name}: {what}", f"constant, +-{SPREAD}", span(list(numbers)), steady)
