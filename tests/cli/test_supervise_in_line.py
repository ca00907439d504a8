"""Waiting in line for the lock of a command: the place is kept, and signals are heard."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from coordination import Manager, connect
from coordination.cli.supervise import patience
from coordination.cli.supervise.inbox import Inbox
from coordination.cli.supervise.locking import wait_in_line
from coordination.cli.supervise.patience import SLICE, Interrupted, Waiting
from coordination.cli.supervise.report import Report
from coordination.errors import AcquireTimeout, StoreUnavailable
from coordination.hold import Hold
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


class Line:
    """One who waits in line on a thread, and what came of it."""

    def __init__(self, store: Any, seconds: float = SOON) -> None:
        self.manager = connect(store, machine_id="ours")
        self.inbox = Stub()
        self.waiting = Waiting(
            time.monotonic() + seconds, self.inbox, Report("job", as_json=False), time.monotonic
        )
        self.outcome: Hold | Exception | None = None
        self._thread = threading.Thread(target=self._wait)

    def wait(self) -> Hold:
        return wait_in_line(self.manager, self.manager.lock("job", ttl=TTL), self.waiting)

    def _wait(self) -> None:
        try:
            self.outcome = self.wait()
        except (Interrupted, AcquireTimeout, StoreUnavailable) as error:
            self.outcome = error

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> Hold | Exception | None:
        self._thread.join(SOON)
        return self.outcome


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def other(store: MemoryStore) -> Iterator[Manager]:
    """Another machine on the same store."""
    with connect(store, machine_id="other") as manager:
        yield manager


def until(condition: Any, what: str) -> None:
    """Fail unless `condition` comes true soon."""
    bound = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < bound, what
        time.sleep(0.005)


def test_a_free_lock_is_got_at_once(store: MemoryStore, other: Manager) -> None:
    """Without a place in any queue."""
    line = Line(store)
    with line.manager:
        assert line.wait().held
        assert [holder.machine_id for holder in other.holders("job")] == ["ours"]


def test_a_wait_keeps_its_place(store: MemoryStore, other: Manager) -> None:
    """Longer than any slice, and before one who came later: its turn is the next one."""
    held = other.lock("job").acquire()
    line = Line(store)
    with line.manager, connect(store, machine_id="later") as later:
        line.begin()
        until(lambda: len(other.holders("job")) == 2, "it does not wait")
        ours = other.holders("job")[1].token
        behind = threading.Thread(target=lambda: later.lock("job").acquire(SOON).release())
        behind.start()
        until(lambda: len(other.holders("job")) == 3, "the later one does not wait")
        time.sleep(3 * SLICE)
        assert [it.machine_id for it in other.holders("job")] == ["other", "ours", "later"]
        held.release()
        hold = line.end()
        assert isinstance(hold, Hold)
        assert hold.token == ours
        hold.release()
        behind.join(SOON)


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_not_in_time(store: MemoryStore, other: Manager, seconds: float) -> None:
    """`AcquireTimeout` names what was waited for, and nobody is left in the queue."""
    held = other.lock("job").acquire()
    line = Line(store, seconds)
    with line.manager:
        with pytest.raises(AcquireTimeout, match="'job' is held"):
            line.wait()
        assert [it.token for it in other.holders("job")] == [held.token]


def test_a_signal_ends_the_wait_and_closing_the_place(store: MemoryStore, other: Manager) -> None:
    """At once, whatever the timeout; the queue is as it was after the manager was closed."""
    held = other.lock("job").acquire()
    line = Line(store)
    with line.manager:
        line.begin()
        until(lambda: len(other.holders("job")) == 2, "it does not wait")
        line.inbox.put(15)
        ended = line.end()
        assert isinstance(ended, Interrupted)
        assert ended.signum == 15
    assert [it.token for it in other.holders("job")] == [held.token]


def test_a_signal_from_before_is_heard_first(store: MemoryStore) -> None:
    """Nothing is asked of the store then."""
    recording = FaultyStore(store)
    line = Line(recording)
    line.inbox.put(2)
    with line.manager, pytest.raises(Interrupted):
        line.wait()
    assert recording.calls == []


def test_one_try_takes_no_place(store: MemoryStore, other: Manager) -> None:
    """With no time to wait there is one request for the lock, and nothing to take back."""
    other.lock("job").acquire()
    recording = FaultyStore(store)
    line = Line(recording, 0.0)
    with line.manager:
        with pytest.raises(AcquireTimeout):
            line.wait()
        assert recording.calls.count("enter") == 1
        assert "delete" not in recording.calls


def test_a_store_that_never_answers_is_given_up(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong URL should not wait for ever, though the lock may be waited for that long."""
    monkeypatch.setattr(patience, "FIRST_CONTACT", 0.5)
    faulty = FaultyStore(store)
    faulty.cut()
    line = Line(faulty)
    with line.manager:
        with pytest.raises(StoreUnavailable):
            line.wait()
        assert line.waiting.left() > SOON / 2
        faulty.mend()


def test_a_store_that_has_answered_is_waited_for(
    store: MemoryStore, other: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there, so it will be there again."""
    monkeypatch.setattr(patience, "FIRST_CONTACT", 0.2)
    held = other.lock("job").acquire()
    faulty = FaultyStore(store)
    line = Line(faulty)
    with line.manager:
        line.begin()
        until(lambda: len(other.holders("job")) == 2, "it does not wait")
        faulty.cut()
        time.sleep(1.0)
        assert line.outcome is None
        faulty.mend()
        held.release()
        assert isinstance(line.end(), Hold)
