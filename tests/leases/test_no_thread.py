"""The system gives no thread for a moment: that is told at once, and the next call tries again."""

from __future__ import annotations

import threading

import pytest

from coordination import LeaseLost, Manager, StoreUnavailable
from coordination.testing import FakeClock
from tests.leases.world import NAME, PERIOD, World, eventually, got


class Shortage:
    """While it lasts, no thread of a certain name starts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.of = ""
        self.refused = 0
        start = threading.Thread.start

        def scarce(thread: threading.Thread) -> None:
            if thread.name == self.of:
                self.refused += 1
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", scarce)


@pytest.fixture
def shortage(monkeypatch: pytest.MonkeyPatch) -> Shortage:
    """Threads run short once `of` names one."""
    return Shortage(monkeypatch)


class Broken:
    """What a lease with a defect looks like to the watchdog."""

    name = "broken"
    overdue_at = 0.0

    def __init__(self, error: BaseException) -> None:
        self._error = error

    @property
    def lost(self) -> str | None:
        """Cannot say."""
        raise self._error


@pytest.mark.parametrize("name", ["coordination-heartbeat", "coordination-watchdog"])
def test_what_cannot_be_kept_is_not_kept(
    world: World, manager: Manager, clock: FakeClock, shortage: Shortage, name: str
) -> None:
    """`keep_alive` raises and leaves nothing behind; called again it keeps it, and tells of its loss."""
    told: list[str] = []
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    shortage.of = name
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=name):
            lease.keep_alive()
    assert (manager._keeper.kept(), manager._keeper.watchdog.watched()) == ([], [])
    shortage.of = ""
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    world.lives_through(lease, 3 * PERIOD)
    assert (lease.held, told, manager.health()) == (True, [], [])
    clock.advance(PERIOD)
    eventually(lambda: told, "the news")


def test_what_cannot_be_watched_is_not_promised(
    manager: Manager, clock: FakeClock, shortage: Shortage
) -> None:
    """`on_lost` raises; called again it tells, once."""
    told: list[str] = []
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    shortage.of = "coordination-watchdog"
    with pytest.raises(StoreUnavailable):
        lease.on_lost(lambda _lease, reason: told.append(reason))
    shortage.of = ""
    lease.on_lost(lambda _lease, reason: told.append(reason))
    clock.advance(PERIOD)
    eventually(lambda: told, "the news")
    clock.settle()
    assert told == ["expired"]


def test_the_news_waits_for_a_thread(manager: Manager, clock: FakeClock, shortage: Shortage) -> None:
    """No notifier can be started when the loss comes: it is told as soon as one can, though nobody calls."""
    told: list[str] = []
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.on_lost(lambda _lease, reason: told.append(reason))
    shortage.of = "coordination-notifier"
    clock.advance(PERIOD)
    eventually(lambda: shortage.refused > 2, "the notifier is tried")
    assert told == []
    shortage.of = ""
    clock.advance(1.0)
    eventually(lambda: told, "the news")
    assert told == ["expired"]


def test_looking_at_a_loss_needs_no_thread(manager: Manager, clock: FakeClock, shortage: Shortage) -> None:
    """`lost` never raises, and `check` raises what it promises."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    shortage.of = "coordination-notifier"
    clock.advance(PERIOD)
    with pytest.raises(LeaseLost):
        lease.check()
    assert (lease.lost, shortage.refused > 0) == ("expired", True)


def test_one_defect_does_not_end_the_watch(
    manager: Manager, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """What goes wrong with one lease is an event; the losses of the others are told."""
    told: list[str] = []
    manager._keeper.watchdog.add(Broken(ZeroDivisionError()))  # type: ignore[arg-type]
    eventually(lambda: "watchdog-look-failed" in caplog.text, "the event")
    got(manager.acquire_lease(NAME, period=PERIOD)).on_lost(lambda _lease, reason: told.append(reason))
    clock.advance(PERIOD)
    eventually(lambda: told, "the news")
    manager._keeper.watchdog._leases.clear()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_health_names_a_dead_watchdog(manager: Manager) -> None:
    """Whatever killed it, an operator can see it."""
    manager._keeper.watchdog.add(Broken(SystemExit()))  # type: ignore[arg-type]
    eventually(lambda: manager._keeper.watchdog.dead, "the thread died")
    assert any("watchdog" in text for text in manager.health())
    manager._keeper.watchdog._leases.clear()
