"""What contenders cost a real etcd and its clients: requests, messages on the stream, processor time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coordination.contention import Proof
from coordination.record import Session
from coordination.stores.etcd.commits import MOST_WRITES
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import TXN
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.requests import lease_of
from coordination.stores.etcd.store import EtcdStore
from integration.servers.ways import Server

T = 20.0
MANY = 10_000
FOLDER = "ns/locks/a/"


@pytest.fixture
def store(variant: Server) -> Iterator[EtcdStore]:
    """A prefix that only this test uses."""
    opened = open_store(f"{variant.url}/contention-{secrets.token_hex(6)}")
    yield opened
    opened.close()


@pytest.fixture
def calls(store: EtcdStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of all calls from now on."""
    made: list[str] = []
    connection, call = store._wire.connection, store._wire.connection.call

    def counted(method: Any, request: Any, timeout: float) -> Any:
        made.append(method.path.rsplit("/", 1)[1])
        return call(method, request, timeout)

    monkeypatch.setattr(connection, "call", counted)
    return made


@pytest.fixture
def answers(store: EtcdStore, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What comes on the stream of watches."""
    taken: list[Any] = []
    watches, take = store._wire.watches, store._wire.watches._take

    def noted(answer: Any) -> None:
        taken.append(answer)
        take(answer)

    monkeypatch.setattr(watches, "_take", noted)
    return taken


def enter(store: EtcdStore, contender: str, session: Session) -> int:
    """At which revision it was created."""
    standing = store.enter(f"{FOLDER}{contender}", b"v", session, alone=False, timeout=T)
    assert standing is not None
    return standing.record.created


def test_a_pair_is_two_requests(store: EtcdStore, calls: list[str]) -> None:
    """One to enter, alone or not, and one to leave."""
    session = store.open_session(60, timeout=T)
    for alone in (False, True):
        calls.clear()
        standing = store.enter(f"{FOLDER}me", b"v", session, alone=alone, timeout=T)
        assert standing is not None
        assert store.delete(standing.record.key, standing.record.index, timeout=T)
        assert calls == ["Txn", "Txn"]


def test_a_failed_try_is_one_request(store: EtcdStore, calls: list[str]) -> None:
    """Who wants to enter alone and is not hears so at once, and leaves nothing to clear away."""
    session = store.open_session(60, timeout=T)
    enter(store, "first", session)
    calls.clear()
    assert store.enter(f"{FOLDER}me", b"v", session, alone=True, timeout=T) is None
    assert calls == ["Txn"]
    assert [record.key for record in store.list(FOLDER, timeout=T)] == [f"{FOLDER}first"]


def test_arrivals_cost_waiters_nothing(store: EtcdStore, answers: list[Any]) -> None:
    """etcd keeps puts to itself: twenty come, two go, and two messages say so."""
    session = store.open_session(60, timeout=T)
    told: list[str] = []
    subscription = store.departures(FOLDER, told.append, timeout=T)
    confirmed = len(answers)
    created = [enter(store, f"{number:02}", session) for number in range(20)]
    gone = [f"{FOLDER}00", f"{FOLDER}07"]
    for key in gone:
        assert store.delete(key, created[int(key[-2:])], timeout=T)
    assert _eventually(lambda: len(told) == 2)
    assert told == gone
    assert len(answers) - confirmed == 2
    subscription.close()


def test_ten_thousand_records_are_proven_in_two_requests(store: EtcdStore, calls: list[str]) -> None:
    """And in at most 25 ms of processor time; what is missing costs no third request."""
    session = store.open_session(600, timeout=T)
    expected = _written(store, session)
    times = []
    for _ in range(5):
        calls.clear()
        began = time.thread_time()
        assert store.prove(session, expected, frozenset(), timeout=T) == Proof(frozenset(), {})
        times.append(time.thread_time() - began)
        assert calls == ["LeaseTimeToLive", "Txn"]
    assert min(times) <= 0.025, times
    lost = next(iter(expected))
    assert store.delete(lost, expected[lost], timeout=T)
    calls.clear()
    assert store.prove(session, expected, frozenset(), timeout=T).gone == {lost}
    assert calls == ["LeaseTimeToLive", "Txn"]
    store.close_session(session, timeout=T)


def _written(store: EtcdStore, session: Session) -> dict[str, int]:
    """Many records on one session, a hundred in each transaction; key and created."""
    keys = [f"ns/locks/lock-{number:05}/0123456789abcdef.1" for number in range(MANY)]
    expected: dict[str, int] = {}
    for start in range(0, MANY, MOST_WRITES):
        row = keys[start : start + MOST_WRITES]
        puts = [
            {"request_put": {"key": store._keys.raw(key), "value": bytes(200), "lease": lease_of(session)}}
            for key in row
        ]
        answer = store._wire.connection.call(TXN, message("TxnRequest")(success=puts), T)
        expected.update(dict.fromkeys(row, answer.header.revision))
    return expected


def _eventually(condition: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + 10.0
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.002)
    return True
