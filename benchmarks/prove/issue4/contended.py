"""Many waiters for one lock on etcd: what a hand-over costs, how long it takes, and whose turn it is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue2.servers import Counters, cluster
from benchmarks.prove.issue2.speed import Raw
from benchmarks.prove.issue4.timeline import Timeline, order, percentile
from benchmarks.prove.issue4.waiters import crowd
from coordination.stores.etcd.opening import open_store
from integration.servers.etcd import EtcdCluster

PROCESSES = 4
WAITERS = (2, 10, 50, 200)
SECONDS, LONGEST = 5, 45
TURNS = 15
"""That long at least, and until each has had about so many turns: one more or less is no unfairness then."""

SETTLING = 1.5
MESSAGES = 6.0
MEDIAN, TAIL = 2.0, 10.0
"""Times the raw pair of the same run."""

STALL = 0.090
UNFAIR = 1.1
RAW = 300


def figures() -> Iterator[Figure]:
    """At every number of waiters."""
    with cluster() as node:
        for waiters in WAITERS:
            yield from contended(node, waiters)


def contended(node: EtcdCluster, waiters: int) -> Iterator[Figure]:
    """So many, over four processes."""
    before = raw_pair(node)
    with crowd(node.url, waiters, PROCESSES) as many:
        many.start()
        time.sleep(SETTLING)
        counters, began = Counters(node.endpoints[0]), time.monotonic()
        counters_after = steady(node, counters, waiters)
        ended = time.monotonic()
        timeline = Timeline(many.stop(), began, ended)
    raw = statistics.median((before, raw_pair(node)))
    name = f"etcd, {waiters} waiters over {PROCESSES} processes"
    yield messages(name, timeline, counters, counters_after)
    yield from gaps(name, timeline, raw)
    yield from order(name, timeline, waiters)
    turns = timeline.turns
    most, least = max(turns.values()), min(turns.values())
    ratio = most / least if least else float("inf")
    yield at_most(f"{name}: most by fewest turns", UNFAIR, ratio, "x", most=most, fewest=least)


def steady(node: EtcdCluster, before: Counters, waiters: int) -> Counters:
    """Let them, for a while; each acquisition is one write of a key."""
    for second in range(LONGEST):
        time.sleep(1.0)
        after = Counters(node.endpoints[0])
        if second + 1 >= SECONDS and after.puts - before.puts >= TURNS * waiters:
            break
    return after


def messages(name: str, timeline: Timeline, before: Counters, after: Counters) -> Figure:
    """What the waiters sent, of all kinds, by what they had for it."""
    had = len(timeline.steady)
    sent = after.received() - before.received()
    answered = after.sent() - before.sent()
    parts = {f"{method}, each": round(count / had, 2) for method, count in sent.most_common()}
    parts["answers and events from etcd, each"] = round(answered.total() / had, 2)
    parts["acquisitions a second"] = round(timeline.rate)
    title = f"{name}: requests and stream messages of the waiters per acquisition"
    return at_most(title, MESSAGES, sent.total() / had, "", **parts)


def gaps(name: str, timeline: Timeline, raw: float) -> Iterator[Figure]:
    """From one that releases to the next one that has it."""
    found = timeline.gaps
    parts = {
        "raw pair, ms": round(raw * 1000, 2),
        **{
            f"p{round(part * 100)}, ms": round(percentile(found, part) * 1000, 2) for part in (0.5, 0.9, 0.99)
        },
        "worst, ms": round(found[-1] * 1000, 2),
    }
    yield at_most(f"{name}: gap, p50 by the raw pair", MEDIAN, percentile(found, 0.5) / raw, "x", **parts)
    yield at_most(f"{name}: gap, p99 by the raw pair", TAIL, percentile(found, 0.99) / raw, "x")
    stalls = sum(gap >= STALL for gap in found)
    yield none_of(f"{name}: stalls of {STALL * 1000:g} ms or more", "gaps", stalls, f"{len(found)}")


def raw_pair(node: EtcdCluster) -> float:
    """Seconds that two transactions take that grpcio sends as they are, with nobody else there (median)."""
    store = open_store(node.url)
    session = store.open_session(60, timeout=5.0)
    raw = Raw(node.endpoints[0], session)
    took = []
    for _ in range(RAW):
        started = time.perf_counter()
        raw.pair()
        took.append(time.perf_counter() - started)
    raw.close()
    store.close_session(session, timeout=5.0)
    store.close()
    return statistics.median(took)
