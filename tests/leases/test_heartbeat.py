"""The heartbeat: it renews in time, rides out trouble, and never hides a loss."""

from __future__ import annotations

import threading

import pytest

from coordination import Lease, Manager
from coordination.testing import FakeClock, race
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, eventually, got, watched


@pytest.fixture
def told() -> list[str]:
    """The reasons that `kept` was told."""
    return []


@pytest.fixture
def kept(manager: Manager, told: list[str]) -> Lease:
    """A lease that is kept alive."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    watched(lease)
    return lease


def test_it_renews_at_a_third_of_the_period(kept: Lease, clock: FakeClock) -> None:
    """Up to a fifth of that earlier, so that many spread out; not before, not later."""
    for _ in range(5):
        index, sent_at = kept.index, kept.deadline - PERIOD
        clock.advance(sent_at + PERIOD / 3 * 0.78 - clock.now())
        clock.settle(0.02)
        assert kept.index == index
        clock.advance(sent_at + PERIOD / 3 + 0.01 - clock.now())
        eventually(lambda seen=index: kept.index != seen, "a renewal")  # type: ignore[misc]
        eventually(lambda: kept.deadline == clock.now() + PERIOD, "it is believed")


def test_it_keeps_for_many_periods(world: World, kept: Lease, told: list[str], other: Manager) -> None:
    """The holder does nothing, and nobody else gets it."""
    token = kept.token
    world.lives_through(kept, 10 * PERIOD)
    assert (kept.held, kept.token, told) == (True, token, [])
    assert other.acquire_lease(NAME, period=PERIOD) is None


def test_it_rides_out_errors(
    kept: Lease, told: list[str], store: LateStore, clock: FakeClock, other: Manager
) -> None:
    """Cut off for most of a period, then mended: nothing was lost."""
    deadline = kept.deadline
    store.cut()
    for _ in range(8):
        clock.advance(1.0)
        clock.settle(0.02)
    assert (kept.held, told) == (True, [])
    store.mend()
    clock.advance(1.01)
    eventually(lambda: kept.deadline > deadline, "it is renewed")
    assert (kept.held, told) == (True, [])
    assert other.acquire_lease(NAME, period=PERIOD) is None


def test_it_gives_up_at_the_local_deadline(
    kept: Lease, told: list[str], store: LateStore, clock: FakeClock
) -> None:
    """A store that stays away is a loss, told once, and mending it later revives nothing."""
    store.cut()
    clock.advance(PERIOD - 0.4)
    eventually(lambda: told, "the news")
    store.mend()
    clock.advance(1.0)
    clock.settle()
    assert (kept.held, told) == (False, ["expired"])


def test_the_loss_is_told_while_every_call_hangs(world: World, clock: FakeClock) -> None:
    """The watchdog asks nobody: a store that swallows calls does not swallow the news."""
    store, hang, told = world.store(), threading.Event(), list[str]()
    lease = got(world.manager(store).acquire_lease(NAME, period=PERIOD))
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    watched(lease)
    store.before("*", lambda: hang.wait(60.0), times=1000)
    clock.advance(PERIOD / 2)
    eventually(lambda: store.calls[-1] == "replace", "the heartbeat hangs")
    clock.advance(PERIOD / 2)
    eventually(lambda: told, "the news")
    assert told == ["expired"]
    hang.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_heartbeat_is_a_loss_not_a_silence(
    manager: Manager, kept: Lease, told: list[str], store: LateStore, clock: FakeClock
) -> None:
    """Its thread is killed; the loss is told by the deadline, and health says why."""

    def die() -> None:
        raise SystemExit

    store.before("replace", die)
    clock.advance(PERIOD / 3)
    eventually(lambda: manager._keeper.heartbeat.dead, "the thread died")
    assert kept.held
    assert any("heartbeat" in text for text in manager.health())
    clock.advance(PERIOD)
    eventually(lambda: told, "the news")
    assert (told, kept.held) == (["expired"], False)


def test_a_late_answer_revives_nothing(
    kept: Lease, told: list[str], store: LateStore, clock: FakeClock
) -> None:
    """The renewal that hung comes back with good news after the loss: too late."""
    go_on = threading.Event()
    store.after("renew_session", lambda: go_on.wait(30.0))
    clock.advance(PERIOD / 3)
    eventually(lambda: "renew_session" in store.calls, "the renewal hangs")
    deadline = kept.deadline
    clock.advance(PERIOD)
    eventually(lambda: told, "the news")
    go_on.set()
    clock.settle()
    assert (kept.held, kept.deadline, told) == (False, deadline, ["expired"])


@pytest.mark.parametrize("period", [PERIOD / 5, 5 * PERIOD], ids=["shorter", "longer"])
def test_the_rhythm_follows_the_period(
    world: World, kept: Lease, told: list[str], clock: FakeClock, period: float
) -> None:
    """After `renew(period)` the heartbeat renews at a third of the new one."""
    kept.renew(period)
    clock.settle()
    world.lives_through(kept, 3 * period)
    assert (kept.held, kept.period, told) == (True, period, [])


def test_shortening_takes_effect_before_it_is_sent(
    manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """Whether or not it arrives, the holder believes the shorter period only."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    seen: list[float] = []
    store.before("replace", lambda: seen.append(lease.deadline))
    lease.renew(2.0)
    assert seen == [clock.now() + 2.0] == [lease.deadline]


def test_renewing_by_hand_beside_the_heartbeat(kept: Lease, told: list[str], clock: FakeClock) -> None:
    """Threads that renew at once, with the heartbeat among them: nobody loses."""

    def renew() -> None:
        for _ in range(15):
            clock.advance(0.2)
            kept.renew()

    race([renew] * 4)
    assert (kept.held, told) == (True, [])


def test_fifty_leases_have_one_thread(manager: Manager, clock: FakeClock) -> None:
    """Keeping many costs one heartbeat, and all are renewed."""
    before = set(threading.enumerate())
    leases = [got(manager.acquire_lease(f"lease-{n}", period=PERIOD)).keep_alive() for n in range(50)]
    names = [thread.name for thread in threading.enumerate() if thread not in before]
    assert names.count("coordination-heartbeat") == 1
    assert names.count("coordination-watchdog") == 1
    for _ in range(3):
        clock.advance(PERIOD / 3 + 0.01)
        now = clock.now()
        eventually(lambda: all(lease.deadline == now + PERIOD for lease in leases), "all renewed", 30.0)  # noqa: B023
    assert all(lease.held for lease in leases)
