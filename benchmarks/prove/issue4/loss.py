"""How soon a holder knows that it holds no more: deleted unseen, broken, revoked; and late creates."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks.prove.children import until
from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue4.held import Held, queue_of
from benchmarks.prove.issue4.servers import Server, each
from benchmarks.prove.taken import slowest
from coordination import AcquireTimeout, OutcomeUnknown, StoreUnavailable, connect

DELETED = 8
"""Records, spread over the time between two beats."""

LATE = 5
LANDS_AFTER = 2.0
PATIENCE = 1.0
"""Seconds for one request of a manager whose create lands late."""

SETTLING = 1.5


def figures() -> Iterator[Figure]:
    """First what has to be told at once, then, for it is waiting, the rest of both at the same time."""
    with each() as servers:
        for server in servers:
            yield from told(server)
        slow = [(deleted_unseen, server) for server in servers] + [
            (landed_late, server) for server in servers
        ]
        with ThreadPoolExecutor(len(slow)) as pool:
            for found in pool.map(lambda it: list(it[0](it[1])), slow):
                yield from found


def told(server: Server) -> Iterator[Figure]:
    """Broken by another manager, and the session ended by the server's own API."""
    store = server.store()
    with connect(server.url) as holder, connect(server.url) as other:

        def hold(name: str) -> Held:
            return Held(holder, name, server.ttl * 3)

        def break_it(held: Held) -> None:
            assert other.break_lock(held.hold.name, token=held.hold.token)

        def revoke(held: Held) -> None:
            session = queue_of(store, held.hold.name)[0].session
            assert session is not None
            server.revoke(session)

        yield slowest(f"{server.name}: lock broken", hold, break_it, server.soon)
        yield slowest(f"{server.name}: session of a lock revoked", hold, revoke, server.soon)
    store.close()


def deleted_unseen(server: Server) -> Iterator[Figure]:
    """A stranger removes the record, and no watch tells of anything."""
    store, took = server.store(), []
    with server.spoilt() as way, connect(way.url) as holder:
        held = [Held(holder, f"deleted-{number}", server.ttl) for number in range(DELETED)]
        time.sleep(SETTLING)
        way.drop_events()
        for one in held:
            record = queue_of(store, one.hold.name)[0]
            assert store.delete(record.key, record.index, timeout=5.0)
            took.append(time.time())
            time.sleep(server.ttl / 3 / DELETED)
        ended = [one.told.get(timeout=3 * server.ttl) for one in held]
        believed = sum(one.held for one in held)
    store.close()
    late = [at - deleted for (at, _), deleted in zip(ended, took, strict=True)]
    name = f"{server.name}, ttl {server.ttl:g} s: record deleted, watch events dropped: held is False after"
    parts = {"reasons": " ".join(sorted({reason for _, reason in ended})), "earliest, s": round(min(late), 2)}
    yield at_most(name, server.ttl + 1.0, max(late), "s", **parts)
    yield none_of(f"{server.name}: still believed in after it was told", "holds", believed, f"{DELETED}")


def landed_late(server: Server) -> Iterator[Figure]:
    """The create is given up, and applied after that."""
    with ThreadPoolExecutor(LATE) as pool:
        found = list(pool.map(lambda number: _headed(server, f"late-{number}"), range(LATE)))
    beats = 2 * server.ttl / 3
    landed = sum(seconds is not None for seconds in found)
    name = f"{server.name}, ttl {server.ttl:g} s: creates applied after they were given up"
    yield Figure(f"{name}: landed, so that this shows something", f"{LATE}", f"{landed}", landed == LATE)
    worst = max((seconds for seconds in found if seconds is not None), default=float("inf"))
    yield at_most(f"{name}: at the head of the queue for, two beats at most", beats, worst, "s")


def _headed(server: Server, name: str) -> float | None:
    """Seconds for which the record was there; None if it never was, infinite if it stayed."""
    store = server.store()
    with server.spoilt() as way, connect(way.url, timeout=PATIENCE) as manager:
        with manager.lock("first", ttl=server.ttl):
            pass
        lock = manager.lock(name, ttl=server.ttl)
        way.delay_create(LANDS_AFTER)
        try:
            hold = lock.acquire(timeout=PATIENCE / 2)
        except (AcquireTimeout, OutcomeUnknown, StoreUnavailable):
            pass
        else:
            raise AssertionError(f"{hold!r} was acquired although its request was under way still")
        if not until(lambda: bool(queue_of(store, name)), 2 * LANDS_AFTER):
            return None
        since = time.monotonic()
        gone = until(lambda: not queue_of(store, name), 2 * server.ttl)
        took = time.monotonic() - since
    store.close()
    return took if gone else float("inf")
