"""Campaigning for a command's term: what it proclaims, and what ends the wait."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator

import pytest

from coordination import Manager, connect
from coordination.cli.supervise import patience
from coordination.cli.supervise.electing import Electing
from coordination.cli.supervise.inbox import Inbox
from coordination.cli.supervise.locking import KeptHold
from coordination.cli.supervise.patience import SLICE, Interrupted, Waiting
from coordination.cli.supervise.report import Report
from coordination.errors import AcquireTimeout, LeaseLost, OutcomeUnknown, StoreUnavailable
from coordination.leader import Leader
from coordination.stores.memory import MemoryStore
from coordination.testing import FaultyStore

SOON = 20.0
"""Seconds within which another thread must have done something."""
TTL = 12.0


class Stub(Inbox):
    """An inbox without handlers: signals come from the test."""

    def __init__(self) -> None:
        self._queue = deque()
        self._woken = threading.Event()

    def wake(self) -> None:
        self._woken.set()

    def wait(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def other(store: MemoryStore) -> Iterator[Manager]:
    """Another machine on the same store."""
    with connect(store, machine_id="other") as manager:
        yield manager


@pytest.fixture
def ours(store: MemoryStore) -> Iterator[Manager]:
    """The machine whose command is to run."""
    with connect(store, machine_id="ours") as manager:
        yield manager


def waiting(seconds: float = SOON, inbox: Stub | None = None) -> Waiting:
    """Patience for so long."""
    report = Report("job", as_json=False)
    return Waiting(time.monotonic() + seconds, inbox or Stub(), report, time.monotonic)


def electing(value: str | None = None, version: int = 0) -> Electing:
    return Electing("job", version, TTL, value)


def test_a_free_leadership_is_got_at_once(ours: Manager, other: Manager) -> None:
    """Others see who leads, in which version, and nothing proclaimed; giving it back frees it."""
    kept = electing(version=3).obtain(ours, waiting())
    leader = other.leader("job").current()
    assert leader is not None
    assert (leader.machine_id, leader.version, leader.token, leader.value) == ("ours", 3, kept.token, None)
    assert kept.held
    assert kept.time_remaining == TTL
    assert kept.deadline > time.monotonic()
    assert kept.release()
    assert other.leader("job").current() is None


def test_the_value_is_known_before_the_command_runs(ours: Manager, other: Manager) -> None:
    """Who looks finds it as soon as there is a term."""
    electing("http://ours").obtain(ours, waiting())
    leader = other.leader("job").current()
    assert leader is not None
    assert leader.value == "http://ours"


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_not_in_time(ours: Manager, other: Manager, seconds: float) -> None:
    """`AcquireTimeout` after the time and not before, and who leads is left alone."""
    term = other.leader("job").campaign()
    begun = time.monotonic()
    with pytest.raises(AcquireTimeout, match="'job'"):
        electing().obtain(ours, waiting(seconds))
    assert time.monotonic() - begun >= seconds
    assert term.held


def test_a_signal_ends_the_wait_and_closing_the_campaign(
    store: MemoryStore, ours: Manager, other: Manager
) -> None:
    """At once, whatever the timeout; nobody leads by mistake afterwards."""
    term = other.leader("job").campaign()
    inbox = Stub()
    threading.Timer(SLICE, inbox.put, (15,)).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted) as caught:
        electing().obtain(ours, waiting(inbox=inbox))
    assert caught.value.signum == 15
    assert time.monotonic() - begun < SOON / 2
    ours.close()
    term.release()
    assert other.leader("job").campaign(timeout=SOON).machine_id == "other"


def test_a_store_that_never_answers_is_given_up(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong URL should not wait for ever, though the leadership may be waited for that long."""
    monkeypatch.setattr(patience, "FIRST_CONTACT", 0.5)
    faulty = FaultyStore(store)
    faulty.cut()
    patient = waiting()
    with connect(faulty) as manager:
        with pytest.raises(StoreUnavailable):
            electing().obtain(manager, patient)
        assert patient.left() > SOON / 2
        faulty.mend()


class Proclaiming:
    """Replaces `Leader.proclaim`: fails as told, then does it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *failures: Exception) -> None:
        self._failures = list(failures)
        self._really = Leader.proclaim
        self.terms: list[int] = []

        def proclaim(leader: Leader, value: object) -> None:
            self.proclaim(leader, value)

        monkeypatch.setattr(Leader, "proclaim", proclaim)

    def proclaim(self, leader: Leader, value: object) -> None:
        assert leader.term is not None
        self.terms.append(leader.term.token)
        if not self._failures:
            self._really(leader, value)
            return
        failure = self._failures.pop(0)
        if isinstance(failure, LeaseLost):
            leader.term.release()
        raise failure


def value_of(manager: Manager) -> object:
    leader = manager.leader("job").current()
    assert leader is not None
    return leader.value


def test_a_value_that_was_not_written_is_written_again(
    ours: Manager, other: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store out of reach is ridden out under the same term."""
    proclaiming = Proclaiming(monkeypatch, StoreUnavailable("x"), StoreUnavailable("x"))
    kept = electing("v").obtain(ours, waiting())
    assert proclaiming.terms == [kept.token] * 3
    assert value_of(other) == "v"


def test_a_value_that_may_have_been_written_is_left_to_the_next_renewal(
    ours: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command need not wait for that."""
    proclaiming = Proclaiming(monkeypatch, OutcomeUnknown("x"))
    assert isinstance(electing("v").obtain(ours, waiting()), KeptHold)
    assert len(proclaiming.terms) == 1


def test_a_term_that_ended_meanwhile_is_none(
    ours: Manager, other: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It campaigns anew, and proclaims under the new term."""
    proclaiming = Proclaiming(monkeypatch, LeaseLost("x", reason="stolen"))
    kept = electing("v").obtain(ours, waiting())
    first, second = proclaiming.terms
    assert first < second == kept.token
    assert value_of(other) == "v"
