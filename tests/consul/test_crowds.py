"""Watching more than there are queries: how few they are, and that nothing is missed."""

from __future__ import annotations

import threading
import time

from coordination.stores.consul.folds import BURST, SHARED
from coordination.stores.consul.message import Answer
from coordination.stores.consul.queries import OWN
from coordination.stores.consul.single import Single
from coordination.stores.consul.watched import Watched
from coordination.stores.consul.watches import Watches
from tests.consul.polled import FakeConsul, eventually
from tests.consul.subscribers import FOLDER, Subscriber, fold_waits, guarded, key, threads


def test_guarded_keys_of_a_crowd_share_one_query(consul: FakeConsul, watches: Watches) -> None:
    """The first few have one each; with one more there is a single query for all of them."""
    indexes = [consul.put(key(number)) for number in range(300)]
    for number in range(OWN):
        Subscriber(watches, key(number), indexes[number])
    assert threads() == OWN
    subscribers = [Subscriber(watches, key(number), indexes[number]) for number in range(OWN, 300)]
    assert eventually(lambda: threads() == 1)
    moved = consul.put(key(299))
    assert subscribers[-1].hears((key(299), moved))
    assert subscribers[-2].told == []


def test_who_waits_keeps_a_query_in_a_crowd(consul: FakeConsul, watches: Watches) -> None:
    """A release is heard at once, also by a process that holds many leases of its own."""
    guarded(consul, watches, OWN + 10)
    consul.put(f"{FOLDER}wanted")
    Subscriber(watches, f"{FOLDER}wanted", 0)
    assert eventually(lambda: threads() == 2)
    waiting = [Subscriber(watches, f"{FOLDER}wanted{number}", 0) for number in range(OWN + 10)]
    assert eventually(lambda: threads() == OWN + 1)
    moved = [consul.put(f"{FOLDER}wanted{number}") for number in range(len(waiting))]
    for number, subscriber in enumerate(waiting):
        assert subscriber.hears((f"{FOLDER}wanted{number}", moved[number]))


def test_nothing_is_missed_while_a_key_is_folded(consul: FakeConsul, watches: Watches) -> None:
    """What moves just when keys lose their own queries is found by the look at all of them."""
    subscribers = guarded(consul, watches, OWN)
    moved: list[int] = []

    def meanwhile() -> None:
        if not moved:
            moved.append(0)
            moved[:] = [consul.put(key(number)) for number in range(OWN)]

    consul.before_look = meanwhile
    Subscriber(watches, key(OWN), consul.put(key(OWN)))
    for number, subscriber in enumerate(subscribers):
        assert subscriber.hears((key(number), moved[number]))


def test_what_the_fold_knew_before_its_keys_is_looked_for(consul: FakeConsul, watches: Watches) -> None:
    """A key's own query has not heard of a change that has already woken the fold: the change is not lost."""
    crowd = guarded(consul, watches, OWN + 4)
    assert eventually(lambda: fold_waits(consul))
    for subscriber in crowd[4:]:
        subscriber.watching.close()
    late = Subscriber(watches, f"{FOLDER}late", consul.put(f"{FOLDER}late"))
    assert eventually(lambda: threads() == 2)
    consul.deaf.add(f"/v1/kv/p/{FOLDER}late")
    indexes = [consul.put(key(number)) for number in range(100, 100 + OWN)]
    moved = consul.put(f"{FOLDER}late")
    assert eventually(lambda: fold_waits(consul, moved))
    assert late.told == []
    for number, index in enumerate(indexes):
        Subscriber(watches, key(100 + number), index)
    assert late.hears((f"{FOLDER}late", moved))


def test_a_query_that_lost_its_key_says_nothing() -> None:
    """What it still hears is older than what the fold has looked at."""
    watched = Watched("a", "p/a")
    single = Single(watched, lambda: None, threading.RLock())
    watched.found(9)
    watched.branch = ""
    single.take(Answer(404, 7, b""))
    assert watched.index == 9


def test_a_look_sends_no_more_than_it_has_to(consul: FakeConsul, watches: Watches) -> None:
    """One transaction for each 64 keys, and two more for what moved."""
    subscribers = guarded(consul, watches, 100)
    assert eventually(lambda: fold_waits(consul))
    before = len(consul.looks)
    moved = consul.put(key(50))
    assert subscribers[50].hears((key(50), moved))
    assert eventually(lambda: len(consul.looks) - before == 3)
    verbs = [sorted({operation["KV"]["Verb"] for operation in look}) for look in consul.looks[before:]]
    assert sorted(verbs) == [["check-index"], ["check-index"], ["get"]]
    for subscriber in subscribers:
        subscriber.watching.close()
    assert eventually(lambda: not threads())


def test_a_busy_folder_is_rationed(consul: FakeConsul, watches: Watches) -> None:
    """A stranger who writes all the time costs a burst, then a few requests a second; news is told anyway."""
    subscribers = guarded(consul, watches, 100)
    before, began = len(consul.looks) + len(consul.polls), time.monotonic()
    stop = threading.Event()

    def stranger() -> None:
        while not stop.wait(0.002):
            consul.put(f"{FOLDER}stranger")

    writing = threading.Thread(target=stranger)
    writing.start()
    try:
        stop.wait(3.0)
        asked = len(consul.looks) + len(consul.polls) - before
        assert asked <= BURST + SHARED / 100 * (time.monotonic() - began) + 4
        moved = consul.put(key(7))
        assert subscribers[7].hears((key(7), moved))
    finally:
        stop.set()
        writing.join()


def test_more_folders_than_queries(consul: FakeConsul, watches: Watches) -> None:
    """They share a query as keys do, and are told that something moved somewhere."""
    subscribers = [Subscriber(watches, f"n/locks/{number}/", 0) for number in range(OWN + 30)]
    assert threads() == OWN + 1
    consul.put("n/locks/45/a")
    assert subscribers[45].hears(("n/locks/45/", 0))


def test_a_writer_is_always_heard(consul: FakeConsul, watches: Watches) -> None:
    """However watches begin and end around it: the last state of each key is told to each subscriber."""
    subscribers = [Subscriber(watches, key(number % 40), number % 2) for number in range(80)]
    busy = threading.Event()

    def churn() -> None:
        while not busy.is_set():
            Subscriber(watches, key(39), 0).watching.close()

    churning = threading.Thread(target=churn)
    churning.start()
    try:
        last = {number: consul.put(key(number)) for _ in range(5) for number in range(40)}
    finally:
        busy.set()
        churning.join(30.0)
    for number, subscriber in enumerate(subscribers):
        assert subscriber.hears((key(number % 40), last[number % 40]))
