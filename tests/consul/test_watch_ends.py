"""How watches end, and what is left of them: nothing."""

from __future__ import annotations

import gc
import logging
import threading

import pytest

from coordination.errors import PermissionDenied, StoreUnavailable
from coordination.stores.consul.watched import Watching
from coordination.stores.consul.watches import Watches
from tests.consul.polled import FakeConsul, eventually
from tests.consul.subscribers import FOLDER, Subscriber, guarded, key, threads


def remembered() -> int:
    """How many subscriptions are still in memory."""
    gc.collect()
    return sum(type(thing) is Watching for thing in gc.get_objects())


def test_nothing_is_told_after_close(consul: FakeConsul, watches: Watches) -> None:
    """And closing waits for what is being told just then."""
    index = consul.put(key(1))
    begun, go_on, told = threading.Event(), threading.Event(), list[int]()

    def slow(_key: str, index: int) -> None:
        begun.set()
        go_on.wait(10.0)
        told.append(index)

    watching = watches.watch(key(1), index, slow, timeout=5.0)
    moved = consul.put(key(1))
    assert begun.wait(10.0)
    closing = threading.Thread(target=watching.close)
    closing.start()
    closing.join(0.1)
    assert closing.is_alive()
    go_on.set()
    closing.join(10.0)
    consul.put(key(1))
    other = Subscriber(watches, key(1), 0)
    assert other.told
    assert told == [moved]


def test_a_callback_may_raise_and_may_close(
    consul: FakeConsul, watches: Watches, caplog: pytest.LogCaptureFixture
) -> None:
    """What it raises is logged and the watch goes on; closing from within ends it."""
    index = consul.put(key(1))
    told: list[int] = []

    def careless(_key: str, index: int) -> None:
        told.append(index)
        if len(told) == 2:
            watching.close()
        raise ZeroDivisionError

    caplog.set_level(logging.ERROR, "coordination")
    watching = watches.watch(key(1), index, careless, timeout=5.0)
    first = consul.put(key(1))
    assert eventually(lambda: told == [first])
    second = consul.put(key(1))
    assert eventually(lambda: told == [first, second])
    assert eventually(lambda: not threads())
    assert len(caplog.records) == 2


@pytest.mark.parametrize("prefix", [key(1), FOLDER])
@pytest.mark.parametrize("failure", [StoreUnavailable("away"), PermissionDenied("no")])
def test_a_first_look_that_fails_is_an_error(
    consul: FakeConsul, watches: Watches, prefix: str, failure: StoreUnavailable | PermissionDenied
) -> None:
    """It is raised, and leaves nothing behind."""
    consul.fail(failure)
    with pytest.raises(type(failure)):
        watches.watch(prefix, 0, lambda _key, _index: None, timeout=1.0)
    assert threads() == 0
    consul.fail(None)
    subscriber = Subscriber(watches, prefix, 0)
    assert subscriber.hears((key(1), consul.put(key(1))))


def test_a_closed_store_takes_no_watch(consul: FakeConsul, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its threads end at once, whatever they wait for, and nobody is told anything."""
    monkeypatch.setattr("coordination.stores.consul.watches.PARTING", 20.0)
    watches = consul.watches()
    subscribers = guarded(consul, watches, 3)
    assert threads() == 3
    watches.close()
    watches.close()
    assert threads() == 0
    consul.put(key(0))
    assert [subscriber.told for subscriber in subscribers] == [[], [], []]
    with pytest.raises(StoreUnavailable):
        Subscriber(watches, key(1))


def test_many_come_and_go(consul: FakeConsul, watches: Watches) -> None:
    """A hundred waiters one after the other, then many at once from many threads: nothing is left of them."""
    before = remembered()
    for number in range(100):
        Subscriber(watches, key(number % 20), 0).watching.close()

    def visit(visitor: int) -> None:
        for number in range(20):
            Subscriber(watches, key((number * visitor) % 30), number % 2).watching.close()

    visitors = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join(30.0)
    assert eventually(lambda: not threads())
    assert eventually(lambda: remembered() <= before)


def test_what_was_on_its_way_is_not_told_either() -> None:
    """Who is to be told is settled before; whoever closes meanwhile is not told."""
    told: list[int] = []
    watching = Watching(0, lambda _key, index: told.append(index), lambda _watching: None)
    watching.tell("a", 1)
    watching.close()
    watching.tell("a", 2)
    assert told == [1]
