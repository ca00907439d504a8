"""Ctrl-C, which strikes while a request is under way: told afterwards, and nothing is stranded by it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from coordination import LockScheduler, Manager, Once, connect, interrupts
from coordination.sharing.place import Place
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore
from tests.leases.world import eventually

pytestmark = pytest.mark.usefixtures("ctrl_c")


@pytest.fixture
def store() -> FaultyStore:
    """On which an interrupt may strike at any request."""
    return FaultyStore(MemoryStore())


@pytest.fixture
def manager(store: FaultyStore) -> Iterator[Manager]:
    """Of this test alone, its session open."""
    with connect(store) as manager:
        manager.lock("warm").acquire().release()
        yield manager


def interrupt() -> None:
    """The user presses Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def free(manager: Manager, name: str = "a") -> bool:
    """Whether nobody holds it, and nobody waits."""
    return manager.holders(name) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", ["acquire", "try_acquire", "with"])
def test_units_1_interrupted_while_it_acquires(
    manager: Manager, store: FaultyStore, verb: str, when: str
) -> None:
    """The record was written and granted, and the interrupt told at the end: nobody had the hold."""
    lock = manager.lock("a")

    def enter() -> None:
        with lock:
            raise AssertionError("the block ran")

    calls: dict[str, Callable[[], object]] = {
        "acquire": lock.acquire,
        "try_acquire": lock.try_acquire,
        "with": enter,
    }
    getattr(store, when)("enter", interrupt)
    with pytest.raises(KeyboardInterrupt):
        calls[verb]()
    eventually(lambda: free(manager), "nobody holds it")


def test_interrupted_while_it_releases(manager: Manager, store: FaultyStore) -> None:
    """The release is done, and then the interrupt told; also at the end of a block."""
    hold = manager.lock("a").acquire()
    store.before("delete", interrupt)
    with pytest.raises(KeyboardInterrupt):
        hold.release()
    eventually(lambda: free(manager), "it is given back")
    store.before("delete", interrupt)
    with pytest.raises(KeyboardInterrupt), manager.lock("a"):
        pass
    eventually(lambda: free(manager), "it is given back at the end of a block")


@pytest.mark.parametrize("verb", ["hold", "lock", "with lock", "with hold"])
def test_breaker_7_interrupted_when_a_release_has_just_begun(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """Between the call and the first mark of it: it was held on, by somebody who had left the block."""
    lock = manager.lock("a")
    before = vars(Place)["lost"].fget
    struck: list[int] = []

    def lost(place: Place) -> str | None:
        if not struck:
            struck.append(1)
            interrupt()
        reason: str | None = before(place)
        return reason

    def strike() -> None:
        monkeypatch.setattr(Place, "lost", property(lost))

    with pytest.raises(KeyboardInterrupt):
        if verb == "with lock":
            with lock:
                strike()
        elif verb == "with hold":
            with lock.acquire():
                strike()
        else:
            hold = lock.acquire()
            strike()
            (hold if verb == "hold" else lock).release()
    assert struck
    eventually(lambda: free(manager), "it is given back")


@pytest.mark.parametrize("verb", ["with lock", "with hold"])
def test_breaker_21_interrupted_at_the_very_door(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """At the end of a block, before the interrupt could be put off: it was held on."""
    lock = manager.lock("a")
    getsignal = interrupts._signals.getsignal
    struck: list[int] = []

    def striking(number: int) -> object:
        if not struck:
            struck.append(number)
            raise KeyboardInterrupt
        return getsignal(number)

    with pytest.raises(KeyboardInterrupt), lock if verb == "with lock" else lock.acquire():
        monkeypatch.setattr(interrupts._signals, "getsignal", striking)
    assert struck
    eventually(lambda: free(manager), "it is given back")


@pytest.mark.skipif(os.name == "nt", reason="no signal can be sent to one thread there")
def test_interrupted_while_it_waits(manager: Manager) -> None:
    """At once, not when its turn comes; nothing is left in the queue."""
    hold = manager.lock("a").acquire()
    timer = threading.Timer(0.2, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        timer.start()  # In here: it may strike before the call has begun.
        manager.lock("a").acquire(timeout=60)
    assert time.monotonic() - began < 30
    timer.join()
    eventually(lambda: len(manager.holders("a")) == 1, "the waiter is gone")
    assert hold.held


@pytest.mark.parametrize("verb", ["schedule", "done", "once"])
def test_breaker_8_the_users_own_action_is_interrupted_at_once(verb: str) -> None:
    """It ran to its end with the interrupt noted: an action that hangs could not be stopped at all."""
    scheduler = LockScheduler()
    calls = {"schedule": scheduler.schedule, "done": scheduler.done, "once": Once().do}
    if verb == "done":
        scheduler.schedule(lambda: None)
    steps: list[str] = []

    def action() -> None:
        steps.append("begun")
        interrupt()
        steps.append("went on")

    with pytest.raises(KeyboardInterrupt):
        calls[verb](action)
    assert steps == ["begun"]
    if verb == "schedule":
        assert scheduler.schedule(lambda: "next") == "next"
