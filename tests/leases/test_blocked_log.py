"""A log handler that blocks, as a full pipe or a dead syslog does, holds up nothing but the log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from coordination import Lease, LeaseLost, Manager, keeper
from coordination.testing import FakeClock
from tests.leases.world import NAME, PERIOD, World, eventually, got


class Pipe(logging.Handler):
    """Blocks until it is drained, and notes who had to wait."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.drained = threading.Event()
        self.threads: set[str] = set()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write one event."""
        self.threads.add(threading.current_thread().name)
        self.drained.wait(30.0)
        self.lines.append(record.getMessage())


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """It gets all events of the library, and is full."""
    pipe, logger = Pipe(), logging.getLogger("coordination")
    logger.addHandler(pipe)
    yield pipe
    pipe.drained.set()
    logger.removeHandler(pipe)


def test_the_news_does_not_wait_for_the_log(manager: Manager, clock: FakeClock, pipe: Pipe) -> None:
    """More losses than the notifier has threads: all are told while the first event is not yet written."""
    told: list[str] = []
    for number in range(8):
        lease = got(manager.acquire_lease(f"lease-{number}", period=PERIOD))
        lease.on_lost(lambda lost, _reason: told.append(lost.name))
    clock.advance(PERIOD)
    eventually(lambda: len(told) == 8, "all the news", within=20.0)
    eventually(lambda: pipe.threads, "the log is reached")
    assert (pipe.lines, pipe.threads) == ([], {"coordination-notifier"})


def test_callbacks_that_raise_hold_up_nobody(manager: Manager, clock: FakeClock, pipe: Pipe) -> None:
    """Their events cannot be written either, and the next callback is told all the same."""
    told: list[str] = []
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    for _ in range(8):
        lease.on_lost(lambda _lease, _reason: 1 / 0)
    lease.on_lost(lambda _lease, reason: told.append(reason))
    clock.advance(PERIOD)
    eventually(lambda: told, "the news", within=20.0)
    assert pipe.lines == []


def test_who_looks_does_not_write_the_log(manager: Manager, clock: FakeClock, pipe: Pipe) -> None:
    """`lost` and `check` promise no I/O: the event of the loss that they find is written elsewhere."""
    first, second = (got(manager.acquire_lease(name, period=PERIOD)) for name in ("a", "b"))
    clock.advance(PERIOD)
    assert first.lost == "expired"
    with pytest.raises(LeaseLost):
        second.check()
    eventually(lambda: pipe.threads, "the log is reached")
    assert (pipe.lines, pipe.threads) == ([], {"coordination-notifier"})


def test_closing_waits_for_the_last_events(
    world: World, clock: FakeClock, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends after a loss has said so: a log that is only slow is waited for."""
    for bound in ("CLOSING", "LOGGING"):
        monkeypatch.setattr(keeper, bound, 30.0)  # A busy machine may make it slower than it is meant to be.
    manager = world.manager()
    lost = _lost(manager, clock)
    threading.Timer(0.1, pipe.drained.set).start()
    manager.close()
    assert pipe.lines == [f"lease-lost name={NAME} token={lost.token} reason=expired"]


def test_closing_does_not_wait_for_a_log_that_is_stuck(world: World, clock: FakeClock, pipe: Pipe) -> None:
    """For less than a second, that is."""
    manager = world.manager()
    _lost(manager, clock)
    began = time.monotonic()
    manager.close()
    assert time.monotonic() - began < 5.0
    assert pipe.lines == []


def _lost(manager: Manager, clock: FakeClock) -> Lease:
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(PERIOD)
    assert lease.lost == "expired"
    return lease
