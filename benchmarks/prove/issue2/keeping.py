"""Ten thousand sessions and a thousand leases kept by one process: what it costs, and that none is lost.

First straight from the server, where the CPU time counts; then with a millisecond more of round trip
and with a way that is a black hole for four seconds, where only losses count.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue2.keepers import sessions
from benchmarks.prove.issue2.servers import Counters, cluster, sessions_of
from benchmarks.prove.keepers import go, keeper, leases, span, told
from integration.servers.etcd import EtcdCluster
from integration.servers.tcp_proxy import TcpProxy

PERIODS = 3
SHORT = 15.0
BLACK_HOLE = 4.0
ROUND_TRIP = 0.001


@dataclass(frozen=True, slots=True)
class Kind:
    """What is kept: how many, with which period, and what one renewal may cost."""

    program: Callable[..., None]
    count: int
    period: float
    limit: float
    unit: str

    @property
    def name(self) -> str:
        """In the plural."""
        return self.program.__name__


SESSIONS = Kind(sessions, 10_000, SHORT, 250.0, "keepalive")
LEASES = Kind(leases, 1_000, 30.0, 450.0, "beat")


@dataclass(frozen=True, slots=True)
class Kept:
    """What the program says of itself, and the server of it."""

    report: dict[str, Any]
    streams: int
    asked: int
    puts: int
    left: int


def kept(
    node: EtcdCluster, endpoint: str, kind: Kind, period: float, during: Callable[[], None] | None = None
) -> Kept:
    """Have them kept for three periods; `during` is what is done meanwhile."""
    seconds = PERIODS * period
    arguments = (f"etcd://{endpoint}", str(kind.count), str(period), str(seconds))
    opened = Counters(node.endpoints[0]).streams("LeaseKeepAlive")
    with keeper(kind.program, *arguments) as program:
        before = Counters(node.endpoints[0])
        go(program)
        if during is not None:
            during()
        report = told(program)
        after = Counters(node.endpoints[0])
        left = sessions_of(node)
    return Kept(
        report,
        after.streams("LeaseKeepAlive") - opened,
        after.asked("LeaseKeepAlive") - before.asked("LeaseKeepAlive"),
        after.puts - before.puts,
        left,
    )


def straight(kind: Kind) -> Iterator[Figure]:
    """The cost, the stream, the threads, and the losses without any fault."""
    with cluster() as node:
        found = kept(node, node.endpoints[0], kind, kind.period)
    report, name = found.report, f"{kind.count} {kind.name} kept, period {kind.period:g} s"
    cost = report["cpu"] / max(1, report["count"]) * 1e6
    parts = {f"{kind.unit}s": report["count"], "keepalives at the server": found.asked, "writes": found.puts}
    yield at_most(f"{name}: client CPU per {kind.unit}", kind.limit, cost, "us", **parts)
    yield Figure(f"{name}: streams of keepalives", "1", str(found.streams), found.streams == 1)
    threads = report["threads"]
    steady = min(threads) == max(threads)
    parts = {"threads of the process, gRPC's own included": span(report["native_threads"])}
    yield Figure(f"{name}: Python threads", "constant", span(threads), steady, parts)
    yield _none_lost(f"{name}: {PERIODS} periods", kind, found)
    if kind is LEASES:
        least = 3 * PERIODS * kind.count - kind.count  # one beat each may fall just outside
        moved = found.puts == found.asked and report["count"] >= least
        measured = f"{report['count']} moves seen, {found.puts} writes, {found.asked} keepalives"
        target = f"one write and one keepalive each, at least {least} beats"
        yield Figure(f"{name}: the index moves each beat", target, measured, moved)


def through_a_slow_way(kind: Kind) -> Figure:
    """A millisecond more for each round trip."""
    with cluster() as node, TcpProxy(node.endpoints[0]) as way:
        way.latency(ROUND_TRIP / 2)
        found = kept(node, way.endpoint, kind, SHORT)
    return _none_lost(f"{kind.count} {kind.name}, period {SHORT:g} s, 1 ms more round trip", kind, found)


def through_a_black_hole(kind: Kind) -> Figure:
    """Nothing is delivered for four seconds, in the second period of three."""
    with cluster() as node, TcpProxy(node.endpoints[0]) as way:

        def fault() -> None:
            time.sleep(SHORT)
            way.black_hole()
            time.sleep(BLACK_HOLE)
            way.restore()

        found = kept(node, way.endpoint, kind, SHORT, fault)
    return _none_lost(f"{kind.count} {kind.name}, period {SHORT:g} s, a 4 s black hole", kind, found)


def _none_lost(name: str, kind: Kind, found: Kept) -> Figure:
    missing = max(found.report["lost"], kind.count - found.left)
    unclear = {
        "answers that were late or unclear": found.report["unclear"],
        "connections' streams": found.streams,
    }
    return none_of(name, "lost", missing, f"{kind.count}", **unclear, renewals=found.report["count"])


def figures() -> Iterator[Figure]:
    """Both kinds, each straight and through two bad ways."""
    for kind in (SESSIONS, LEASES):
        yield from straight(kind)
        yield through_a_slow_way(kind)
        yield through_a_black_hole(kind)
