"""What befalls a program, not the server: a blocked loop, SIGSTOP, cancellations, interrupts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.prove.children import calling, until
from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue4.servers import Server, each
from benchmarks.prove.issue4.stalling import blocked, cancelled, interrupted, stopped
from benchmarks.prove.keepers import told

BLOCKED_TTL = {"etcd": 3.0, "Consul": 10.0}
"""By the server: what it grants at least, or little more."""

HOLDERS, ROUNDS = 10, 10
STOPPED_TTL = 2.0
TIMES = 300


def figures() -> Iterator[Figure]:
    """What waits goes on beside the rest."""
    with each() as (etcd, consul), ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(loop_blocked, server) for server in (etcd, consul)]
        waiting.append(pool.submit(holders_stopped, etcd))
        for found in waiting:
            yield found.result()
        for server in (etcd, consul):
            yield from left_behind(server, "cancellations", cancelled)
            yield from left_behind(server, "KeyboardInterrupts", interrupted)


def loop_blocked(server: Server) -> Figure:
    """Looked at by a thread meanwhile, and by the loop afterwards."""
    ttl = BLOCKED_TTL[server.name]
    with calling(blocked, server.url, str(ttl)) as program:
        report = told(program)
    name = f"{server.name}, ttl {ttl:g} s: event loop blocked for three ttls: looks that found it not held"
    good = report["not held"] == 0 and report["released"] is True and report["looks"] > 100
    return Figure(name, "0, and it could be released", f"{report['not held']}", good, report)


def holders_stopped(server: Server) -> Figure:
    """Processes of their own, each stopped for two ttls again and again."""
    with ThreadPoolExecutor(HOLDERS) as pool:
        found = [
            looks
            for ran in pool.map(lambda number: _stopped(server, number), range(HOLDERS))
            for looks in ran
        ]
    before = sum(held for held, _ in found)
    after = sum(not held for _, held in found)
    name = (
        f"{server.name}, ttl {STOPPED_TTL:g} s: holder stopped (SIGSTOP) for two ttls: its first `held` after"
    )
    good = len(found) == before == after == HOLDERS * ROUNDS
    return Figure(
        name, f"False, {HOLDERS * ROUNDS} of {HOLDERS * ROUNDS}", f"False, {after} of {len(found)}", good
    )


def _stopped(server: Server, number: int) -> list[tuple[bool, bool]]:
    """What it believed before, and at its first look after, each time."""
    found = []
    with calling(stopped, server.url, f"stopped-{number}", str(STOPPED_TTL), str(ROUNDS)) as program:
        for _ in range(ROUNDS):
            before = told(program)["held"]
            time.sleep(STOPPED_TTL / 20)
            os.kill(program.pid, signal.SIGSTOP)
            try:
                time.sleep(2 * STOPPED_TTL)
            finally:
                os.kill(program.pid, signal.SIGCONT)
            found.append((before, told(program)["held"]))
    return found


def left_behind(server: Server, what: str, program: Callable[..., None]) -> Iterator[Figure]:
    """Sessions and records at the server, and threads of the program, once it has closed its manager."""
    sessions, keys = server.sessions(), set(server.keys())
    name = f"{server.name}: {TIMES} {what} at random points: sessions, records and threads after close"
    with calling(program, server.url, str(TIMES)) as running:
        try:
            threads = told(running)["threads"]
        except RuntimeError as error:
            yield Figure(
                name, "0 left", "it hung, or broke", passed=False, parts={"where": str(error)[-4000:]}
            )
            return
    until(lambda: server.sessions() == sessions, 3.0)
    records = set(server.keys()) - keys
    left = server.sessions() - sessions + len(records) + len(threads)
    parts = {"sessions": server.sessions() - sessions, "records": len(records), "threads": len(threads)}
    yield none_of(name, "left", left, f"{TIMES}", **parts, which=" ".join([*records, *threads])[:300])
