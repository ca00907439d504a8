"""Pairs of calls beside a floor: what a store's own and a lease's cost, by two requests sent as they are.

The kinds take turns pair by pair, in a random order, so that a busy disk or machine, and what one of
them leaves to be written after its answer, slows all of them alike.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any

import coordination.aio
from benchmarks.prove.figure import Figure, at_most
from coordination import Manager
from coordination.record import Session
from coordination.runtime import run
from coordination.store import Store

VALUE = b"v" * 200
OURS = "/leases/ours"
FLOOR = "raw"
"""The name of the kind that the others are measured by."""

ROUNDS = 5
PAIRS = 200

Pair = Callable[[], object]
"""Does a pair, or answers what to await for it."""

Drive = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine to its end."""


def record_pair(store: Store, session: Session) -> Pair:
    """One record of an open session, created and deleted."""

    def pair() -> None:
        record = store.create(OURS, VALUE, session, timeout=5.0)
        assert record is not None
        assert store.delete(OURS, record.index, timeout=5.0)

    return pair


def lease_pair(manager: Manager) -> Pair:
    """One lease, acquired and released."""

    def pair() -> None:
        lease = manager.acquire_lease("pair", period=60)
        assert lease is not None
        assert lease.release()

    return pair


def lock_pair(manager: Manager) -> Pair:
    """A lock, acquired and released; its session stays open."""
    lock = manager.lock("pair", ttl=60)

    def pair() -> None:
        assert lock.acquire().release()

    return pair


def awaited_lock_pair(manager: coordination.aio.Manager) -> Callable[[], Awaitable[None]]:
    """The same for asyncio."""
    lock = manager.lock("awaited pair", ttl=60)

    async def pair() -> None:
        hold = await lock.acquire()
        assert await hold.release()

    return pair


async def done(pair: Pair, times: int) -> None:
    """A pair, so many times."""
    for _ in range(times):
        under_way = pair()
        if isinstance(under_way, Awaitable):
            await under_way


async def one_round(pairs: Mapping[str, Pair]) -> dict[str, float]:
    """The median of each kind's pairs, in microseconds."""
    took: dict[str, list[float]] = {name: [] for name in pairs}
    for _ in range(PAIRS):
        for name, pair in random.sample(list(pairs.items()), len(pairs)):
            started = time.perf_counter()
            await done(pair, 1)
            took[name].append((time.perf_counter() - started) * 1e6)
    return {name: statistics.median(each) for name, each in took.items()}


def by_the_floor(
    what: str, pairs: Mapping[str, Pair], limits: Mapping[str, float], drive: Drive = run
) -> Iterator[Figure]:
    """How much longer than the floor those with a limit take: the median of some rounds, after one more.

    Where some are awaited, `drive` runs them on their loop.
    """
    drive(one_round(pairs))
    rounds = [drive(one_round(pairs)) for _ in range(ROUNDS)]
    for name, limit in limits.items():
        found = [each[name] / each[FLOOR] for each in rounds]
        parts = {
            "rounds": " ".join(f"{ratio:.2f}" for ratio in found),
            **{kind: f"{statistics.median(each[kind] for each in rounds):.0f} us" for kind in pairs},
        }
        yield at_most(f"{what}: {name} by two raw requests", limit, statistics.median(found), "x", **parts)
