"""Departures on etcd: one watch from now on, without puts, and what is told when history is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from coordination.store import Subscription
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.opening import store_on
from coordination.stores.etcd.schema import DELETE, NOPUT
from coordination.stores.etcd.settings import settings_of
from coordination.stores.etcd.store import EtcdStore
from tests.etcd.scripted import LEADERLESS, Cluster, Member, ScriptedStream, header

PATIENCE = 10.0
FOLDER = "ns/locks/a/"


def said(number: int, revision: int = 10, **fields: Any) -> Any:
    return message("WatchResponse")(header=header(revision), watch_id=number, **fields)


def event(contender: str, revision: int, kind: int = DELETE) -> Any:
    return {"type": kind, "kv": {"key": f"p/{FOLDER}{contender}".encode(), "mod_revision": revision}}


def eventually(condition: Any) -> bool:
    pause = threading.Event()
    return any(condition() or pause.wait(0.01) for _ in range(int(PATIENCE * 100)))


class Begun:
    """Departures under way at revision 10: the request they began with, and what was told."""

    def __init__(self, store: EtcdStore, member: Member) -> None:
        self.told: list[str] = []
        self._begun: list[Subscription] = []
        thread = threading.Thread(target=self._begin, args=[store], daemon=True)
        thread.start()
        self.stream: ScriptedStream = member.streams.get(timeout=PATIENCE)
        self.request = self.stream.asked().create_request
        self.stream.say(said(self.request.watch_id, created=True))
        thread.join(PATIENCE)
        (self.subscription,) = self._begun

    def _begin(self, store: EtcdStore) -> None:
        self._begun.append(store.departures(FOLDER, self.told.append, timeout=PATIENCE))


@pytest.fixture
def member() -> Member:
    return Member()


@pytest.fixture
def begun(member: Member) -> Iterator[Begun]:
    settings = settings_of(urlsplit("etcd://a/p"), {}, plaintext_password=False)
    store = store_on(settings, Cluster(a=member))
    yield Begun(store, member)
    store.close()


def test_it_begins_now_and_leaves_out_puts(begun: Begun, member: Member) -> None:
    """The 100 ms trap, and arrivals that would cost every waiter a message; nothing is read besides."""
    request = begun.request
    assert (request.key, request.range_end) == (b"p/ns/locks/a/", b"p/ns/locks/a0")
    assert (request.start_revision, list(request.filters)) == (0, [NOPUT])
    assert set(member.calls) == {"Status"}


def test_departures_are_told_by_key(begun: Begun) -> None:
    """Several at once too; a put that a proxy lets through is none."""
    number = begun.request.watch_id
    begun.stream.say(said(number, 12, events=[event("x", 11), event("new", 11, kind=0), event("y", 12)]))
    assert eventually(lambda: len(begun.told) == 2)
    assert begun.told == [f"{FOLDER}x", f"{FOLDER}y"]


def test_after_a_lost_stream_no_departure_is_missed(begun: Begun, member: Member) -> None:
    """It goes on from the revision after its last one, still without puts."""
    begun.stream.say(said(begun.request.watch_id, 15, events=[event("x", 15)]))
    assert eventually(lambda: begun.told)
    begun.stream.fail(LEADERLESS)
    again = member.streams.get(timeout=PATIENCE)
    request = again.asked().create_request
    assert (request.start_revision, list(request.filters)) == (16, [NOPUT])
    again.say(said(request.watch_id, 30, created=True))
    again.say(said(request.watch_id, 30, events=[event("y", 17)]))
    assert eventually(lambda: len(begun.told) == 2)
    assert begun.told[-1] == f"{FOLDER}y"


def test_compacted_history_is_told_as_the_folder(begun: Begun, member: Member) -> None:
    """Who went meanwhile cannot be said: its subscriber looks at all of it."""
    begun.stream.fail(LEADERLESS)
    again = member.streams.get(timeout=PATIENCE)
    number = again.asked().create_request.watch_id
    again.say(said(number, 50, created=True))
    again.say(said(number, 50, canceled=True, compact_revision=40))
    assert eventually(lambda: begun.told)
    assert begun.told == [FOLDER]
    request = again.asked().create_request
    assert (request.start_revision, list(request.filters)) == (0, [NOPUT])


def test_nothing_is_told_after_the_close(begun: Begun) -> None:
    """etcd is asked to end it, and a departure under way is not told."""
    number = begun.request.watch_id
    begun.subscription.close()
    assert begun.stream.asked().cancel_request.watch_id == number
    begun.stream.say(said(number, 20, events=[event("x", 20)]))
    begun.stream.fail(LEADERLESS)  # Its reader comes to this after the event, and then ends.
    assert eventually(lambda: begun.stream.cancelled)
    assert begun.told == []
