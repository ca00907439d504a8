"""Ctrl-C while a leader campaigns, works, or gives up: told, and nobody leads by it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from coordination import connect, interrupts
from coordination.leader import Leader
from coordination.stores.memory import MemoryStore
from coordination.term import Term
from coordination.testing import FaultyStore
from tests.leading.bench import eventually

pytestmark = pytest.mark.usefixtures("ctrl_c")


def interrupt() -> None:
    """The user presses Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def store() -> FaultyStore:
    """On which an interrupt may strike at any request."""
    return FaultyStore(MemoryStore())


@pytest.fixture
def leader(store: FaultyStore) -> Iterator[Leader]:
    """Of a manager of its own, on the real clock."""
    with connect(store) as manager:
        yield manager.leader("a", ttl=30.0)


def free(leader: Leader) -> bool:
    """Whether nobody leads."""
    return leader.current() is None


@pytest.mark.parametrize("call", ["watch", "read", "create"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", ["campaign", "run"])
def test_while_it_campaigns(leader: Leader, store: FaultyStore, verb: str, when: str, call: str) -> None:
    """The record may be written by then: it is released, and the work never begins."""

    def never(term: Term) -> None:
        raise AssertionError("it ran")

    getattr(store, when)(call, interrupt)
    with pytest.raises(KeyboardInterrupt):
        leader.run(never) if verb == "run" else leader.campaign()
    eventually(lambda: free(leader), "nobody leads")
    assert leader.term is None


@pytest.mark.skipif(os.name == "nt", reason="no signal can be sent to one thread there")
def test_while_it_waits(leader: Leader, store: FaultyStore) -> None:
    """At once, not after its turn has come."""
    with connect(store.inner, machine_id="other") as other:
        term = other.leader("a", ttl=30.0).campaign()
        timer = threading.Timer(0.2, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            timer.start()  # In here: it may strike before the call has begun.
            leader.campaign(timeout=60)
        assert time.monotonic() - began < 30
        timer.join()
        assert term.held


def test_while_it_works(leader: Leader) -> None:
    """The work is interrupted at once, and then the term is released."""
    seen: list[bool] = []

    def work(term: Term) -> None:
        seen.append(term.held)
        interrupt()
        seen.append(False)

    with pytest.raises(KeyboardInterrupt):
        leader.run(work)
    assert (seen, free(leader)) == ([True], True)


def test_when_the_work_has_just_ended(leader: Leader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the interrupt could be put off: it is released in the background."""
    getsignal = interrupts._signals.getsignal
    struck: list[int] = []

    def striking(number: int) -> object:
        if not struck:
            struck.append(number)
            raise KeyboardInterrupt
        return getsignal(number)

    with pytest.raises(KeyboardInterrupt):
        leader.run(lambda _term: monkeypatch.setattr(interrupts._signals, "getsignal", striking))
    assert struck
    eventually(lambda: free(leader), "nobody leads")


def test_at_the_end_of_a_block(leader: Leader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for `with term`."""
    getsignal = interrupts._signals.getsignal
    struck: list[int] = []

    def striking(number: int) -> object:
        if not struck:
            struck.append(number)
            raise KeyboardInterrupt
        return getsignal(number)

    with pytest.raises(KeyboardInterrupt), leader.campaign():
        monkeypatch.setattr(interrupts._signals, "getsignal", striking)
    assert struck
    eventually(lambda: free(leader), "nobody leads")


@pytest.mark.parametrize("verb", ["resign", "release", "run"])
def test_while_it_gives_up(leader: Leader, store: FaultyStore, verb: str) -> None:
    """It is done first, and then told."""
    if verb == "run":
        with pytest.raises(KeyboardInterrupt):
            leader.run(lambda _term: store.before("delete", interrupt))
    else:
        term = leader.campaign()
        store.before("delete", interrupt)
        with pytest.raises(KeyboardInterrupt):
            leader.resign() if verb == "resign" else term.release()
    eventually(lambda: free(leader), "nobody leads")


def test_eligible_is_interrupted_at_once(store: FaultyStore) -> None:
    """It is the user's own: one that hangs could not be stopped at all."""
    steps: list[str] = []

    def eligible() -> bool:
        steps.append("begun")
        interrupt()
        steps.append("went on")
        return True

    with connect(store) as manager:
        candidate = manager.leader("a", ttl=30.0, eligible=eligible)
        with pytest.raises(KeyboardInterrupt):
            candidate.campaign()
        assert free(candidate)
    assert steps == ["begun"]
