"""The news of a loss: told once, with its reason, on a thread that is nobody's."""

from __future__ import annotations

import threading

import pytest

from coordination import ConfigurationError, Lease, LeaseLost, Manager
from coordination.testing import FakeClock
from tests.leases.world import NAME, PERIOD, World, eventually, got


class Ear:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Lease, str]] = []
        self.threads: set[str] = set()

    def __call__(self, lease: Lease, reason: str) -> None:
        self.threads.add(threading.current_thread().name)
        self.told.append((lease, reason))


def test_it_is_told_once_with_the_reason(manager: Manager, clock: FakeClock) -> None:
    """Looking again, renewing, releasing: nothing tells it a second time."""
    ear = Ear()
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.on_lost(ear)
    clock.advance(PERIOD)
    eventually(lambda: ear.told, "the news")
    for ask in (lease.renew, lease.release, lease.check):
        with pytest.raises(LeaseLost):
            ask()
    clock.settle()
    assert ear.told == [(lease, "expired")]


def test_nobody_needs_to_look(manager: Manager, clock: FakeClock) -> None:
    """The watchdog tells by the deadline of a lease that nobody renews or asks."""
    ear = Ear()
    got(manager.acquire_lease(NAME, period=PERIOD)).on_lost(ear)
    clock.advance(PERIOD - 0.6)
    clock.settle()
    assert ear.told == []
    clock.advance(0.2)
    eventually(lambda: ear.told, "the news")


def test_it_is_told_on_a_thread_of_its_own(manager: Manager, clock: FakeClock) -> None:
    """Never on the heartbeat, the watchdog, a watch, or the caller's."""
    ear = Ear()
    got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive(ear)
    clock.advance(PERIOD)
    eventually(lambda: ear.told, "the news")
    assert ear.threads == {"coordination-notifier"}


def test_whoever_asks_after_the_loss_is_told_too(manager: Manager, other: Manager) -> None:
    """A callback registered late gets the reason of the loss that was."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    got(other.steal_lease(NAME, None, 0, PERIOD, lease.index))
    with pytest.raises(LeaseLost):
        lease.renew()
    ear = Ear()
    lease.on_lost(ear)
    eventually(lambda: ear.told, "the news")
    assert ear.told == [(lease, "stolen")]


def test_several_are_told(manager: Manager, clock: FakeClock) -> None:
    """Each callback once, the same one twice if it was given twice."""
    first, second = Ear(), Ear()
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    for ear in (first, second, second):
        lease.on_lost(ear)
    clock.advance(PERIOD)
    eventually(lambda: len(first.told) + len(second.told) == 3, "the news")
    assert (len(first.told), len(second.told)) == (1, 2)


def test_a_release_is_no_loss(manager: Manager, clock: FakeClock) -> None:
    """Who gave it up himself is told nothing, then or later."""
    ear = Ear()
    lease = got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive(ear)
    lease.release()
    lease.on_lost(ear)
    clock.advance(2 * PERIOD)
    clock.settle()
    assert (ear.told, lease.lost) == ([], None)


def test_closing_the_manager_is_a_loss_of_what_it_watched(world: World) -> None:
    """A lease merely acquired is left to its period, and its owner is told that nobody watches it."""
    ear = Ear()
    manager = world.manager()
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.on_lost(ear)
    manager.close()
    eventually(lambda: ear.told, "the news")
    assert (ear.told, lease.held) == ([(lease, "closed")], False)


def test_held_is_false_before_it_is_told(manager: Manager, clock: FakeClock) -> None:
    """A callback that asks gets the truth."""
    seen: list[tuple[bool, str | None]] = []
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.on_lost(lambda lost, _reason: seen.append((lost.held, lost.lost)))
    clock.advance(PERIOD)
    eventually(lambda: seen, "the news")
    assert seen == [(False, "expired")]


def test_a_callback_that_raises_spoils_nothing(
    manager: Manager, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Its error becomes an event, and the next callback is told."""
    ear = Ear()
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.on_lost(lambda _lease, _reason: 1 / 0)
    lease.on_lost(ear)
    clock.advance(PERIOD)
    eventually(lambda: ear.told, "the news")
    eventually(lambda: "callback-raised" in caplog.text, "the event")
    assert "ZeroDivisionError" in caplog.text


def test_a_callback_that_sleeps_holds_up_nobody(manager: Manager, clock: FakeClock) -> None:
    """The news of another loss comes meanwhile."""
    awake, ear = threading.Event(), Ear()
    got(manager.acquire_lease("sleeper", period=PERIOD)).on_lost(lambda _lease, _reason: awake.wait(30.0))
    got(manager.acquire_lease(NAME, period=PERIOD)).on_lost(ear)
    clock.advance(PERIOD)
    eventually(lambda: ear.told, "the news")
    awake.set()


def test_a_callback_may_release_acquire_and_close(world: World, clock: FakeClock) -> None:
    """Whatever it calls, it does not wait for itself."""
    manager = world.manager()
    done: list[object] = []

    def act(lease: Lease, _reason: str) -> None:
        try:
            lease.release()
        except LeaseLost as loss:
            done.append(loss.reason)
        clock.advance(1.0)
        done.append(got(manager.acquire_lease(NAME, period=PERIOD)).held)
        manager.close()
        done.append("closed")

    got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive(act)
    clock.advance(PERIOD)
    eventually(lambda: "closed" in done, "the callback has done its work")
    assert done == ["expired", True, "closed"]


@pytest.mark.parametrize("callback", [None, "text", 1])
def test_what_cannot_be_called_is_refused(manager: Manager, callback: object) -> None:
    """At once, not when the loss comes."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    with pytest.raises(ConfigurationError):
        lease.on_lost(callback)  # type: ignore[arg-type]


def test_nothing_watches_what_is_over(manager: Manager, clock: FakeClock) -> None:
    """Asking to be told of a loss that has happened, or never will, keeps no lease in memory."""
    lost = got(manager.acquire_lease("lost", period=PERIOD))
    released = got(manager.acquire_lease("released", period=PERIOD))
    released.release()
    clock.advance(PERIOD)
    for lease in (lost, released):
        lease.on_lost(Ear())
    eventually(lambda: not manager._keeper.watchdog.watched(), "both are forgotten")
    assert (lost.lost, released.lost) == ("expired", None)
