"""Queues, hand-overs, crowds of waiters and proofs on a real Consul: what they cost in requests and time."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from coordination.contention import Proof, Standing
from coordination.record import Session
from coordination.stores.consul.queries import OWN
from coordination.stores.consul.store import ConsulStore
from integration.consul.watchers import SOON, Told, stores, threads
from integration.faults.measuring import Recorded
from integration.servers.cluster_suite import eventually
from integration.servers.consul import ConsulCluster
from integration.servers.http_proxy import HttpProxy

pytestmark = pytest.mark.xdist_group("consul-contenders")

MANY = 1000
PROCESSES, TURNS = 4, 20
VALUE = b"{" + b" " * 200 + b"}"


def entered(store: ConsulStore, session: Session, name: str, who: str) -> Standing:
    """A contender of this session."""
    standing = store.enter(f"n/locks/{name}/{who}", VALUE, session, alone=False, timeout=10.0)
    assert standing is not None
    return standing


def _asked_since(way: HttpProxy, before: int) -> bool:
    return len(way.requests) > before


def left(store: ConsulStore, standing: Standing) -> None:
    """It goes."""
    assert store.delete(standing.record.key, standing.record.index, timeout=10.0)


def acquired(store: ConsulStore, session: Session, who: str) -> Standing:
    """Wait for whoever is ahead, as a lock does: watch the nearest, then look who is ahead now."""
    standing = entered(store, session, "contended", who)
    while standing.ahead:
        told = Told()
        watching = store.watch(standing.ahead[0], standing.record.created, told, timeout=10.0)
        assert told.within(30.0, standing.ahead[0], 0)
        watching.close()
        now = store.standing(standing, timeout=10.0)
        assert now is not None
        standing = now
    return standing


def test_a_contended_lock_costs_four_requests(node: ConsulCluster, record_property: Recorded) -> None:
    """Entering, the watch, a look, leaving; the holders' tokens rise, and one holds it at a time."""
    tokens: list[int] = []
    holders: list[int] = []

    def turns(store: ConsulStore, number: int) -> None:
        session = store.open_session(60.0, timeout=10.0)
        for turn in range(TURNS):
            standing = acquired(store, session, f"{number}.{turn}")
            holders.append(number)
            assert len(holders) == 1
            tokens.append(standing.record.created)
            holders.clear()
            left(store, standing)

    with HttpProxy(node.endpoints[0]) as way, stores(*[way.endpoint] * PROCESSES) as found:
        with ThreadPoolExecutor(PROCESSES) as pool:
            list(pool.map(turns, found, range(PROCESSES)))
        asked = len(way.requests) - PROCESSES
        assert asked <= 4 * PROCESSES * TURNS
        record_property("requests per contended acquisition", asked / (PROCESSES * TURNS))
    assert len(tokens) == PROCESSES * TURNS
    assert tokens == sorted(tokens)


def test_a_hand_over_is_heard_at_once(
    node: ConsulCluster, record_property: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one request: its answer. Nothing is asked before, nothing after."""
    monkeypatch.setattr("coordination.stores.consul.single.DEPARTED", 60.0)
    took = []
    with HttpProxy(node.endpoints[0]) as way, stores(node.endpoints[0], way.endpoint) as (holder, waiter):
        ours, theirs = (it.open_session(60.0, timeout=10.0) for it in (holder, waiter))
        for turn in range(20):
            told = Told()
            held, waiting = (
                entered(holder, ours, "handed", f"h.{turn}"),
                entered(waiter, theirs, "handed", f"w.{turn}"),
            )
            before = len(way.requests)
            watching = waiter.watch(held.record.key, waiting.record.created, told, timeout=10.0)
            assert eventually(partial(_asked_since, way, before))
            freed = time.monotonic()
            left(holder, held)
            assert told.within(SOON, held.record.key, 0)
            took.append(told.news[0][2] - freed)
            watching.close()
            assert eventually(lambda: threads() == 0)
            assert len(way.requests) - before == 1
            left(waiter, waiting)
    record_property("ms from a release until the next one is told, median", 1000 * statistics.median(took))
    assert statistics.median(took) <= 0.1


@pytest.mark.untraced
def test_a_thousand_names_waited_for(node: ConsulCluster, record_property: Recorded) -> None:
    """Few threads, no requests while nothing happens; and each one that is free is told soon."""
    told = Told()
    with HttpProxy(node.endpoints[0]) as way, stores(node.endpoints[0], way.endpoint) as (holder, waiter):
        ours, theirs = (it.open_session(300.0, timeout=10.0) for it in (holder, waiter))
        held = [entered(holder, ours, f"{number}", "h") for number in range(MANY)]
        waiting = [entered(waiter, theirs, f"{number}", "w") for number in range(MANY)]
        before = len(way.requests)
        for standing in waiting:
            waiter.watch(standing.ahead[0], standing.record.created, told, timeout=10.0)
        assert len(way.requests) - before <= MANY + 20
        assert threads() == OWN + 1
        time.sleep(1.0)

        before = len(way.requests)
        time.sleep(3.0)
        assert len(way.requests) - before <= 1
        assert told.news == []

        for number in (3, 500, 999):
            left(holder, held[number])
            assert told.within(SOON, held[number].record.key, 0)
        before, began = len(way.requests), time.monotonic()
        holder.close_session(ours, timeout=10.0)
        assert eventually(lambda: len(told.news) >= MANY, 20.0)
        record_property("s until a thousand waiters were told", time.monotonic() - began)
        assert {key for key, _, _ in told.news} == {standing.record.key for standing in held}
        assert len(way.requests) - before <= 2 * OWN + 40


@pytest.mark.untraced
def test_a_thousand_records_are_proven(node: ConsulCluster, record_property: Recorded) -> None:
    """At most four requests and 25 ms of our processor; one that is gone is found, a dead session at once."""
    with HttpProxy(node.endpoints[0]) as way, stores(way.endpoint, node.endpoints[0]) as (store, thief):
        session = store.open_session(300.0, timeout=10.0)
        standings = [entered(store, session, f"{number}", "me") for number in range(MANY)]
        expected = {it.record.key: it.record.created for it in standings}
        took, asked = [], []
        for _ in range(20):
            before, began = len(way.requests), time.thread_time()
            assert store.prove(session, expected, frozenset(), timeout=10.0) == Proof(frozenset(), {})
            took.append(time.thread_time() - began)
            asked.append(len(way.requests) - before)
        record_property("ms of processor time for a proof of 1000, median", 1000 * statistics.median(took))
        record_property("requests for it", max(asked))
        assert max(asked) <= 4
        assert min(took) <= 0.025

        left(thief, standings[700])
        before = len(way.requests)
        assert store.prove(session, expected, frozenset(), timeout=10.0).gone == {standings[700].record.key}
        assert len(way.requests) - before <= 4
        thief.close_session(session, timeout=10.0)
        assert store.prove(session, expected, frozenset(), timeout=10.0).gone == frozenset(expected)


def test_whose_session_ends_is_not_ahead(node: ConsulCluster) -> None:
    """A waiter in the middle whose session dies is passed over, and the one behind it is told."""
    told = Told()
    with stores(*node.endpoints * 3) as (one, two, three):
        sessions = [it.open_session(60.0, timeout=10.0) for it in (one, two, three)]
        first, second, third = (
            entered(store, session, "passed", session.id)
            for store, session in zip((one, two, three), sessions, strict=True)
        )
        three.watch(third.ahead[0], third.record.created, told, timeout=10.0)
        one.close_session(sessions[1], timeout=10.0)
        assert told.within(SOON, second.record.key, 0)
        standing = three.standing(third, timeout=10.0)
        assert standing is not None
        assert standing.ahead == (first.record.key,)
        assert two.standing(second, timeout=10.0) is None
