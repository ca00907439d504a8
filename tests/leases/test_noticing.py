"""Losses that somebody else brings about, noticed by the watch; and an owner that stalls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coordination import LeaseLost, Manager
from coordination.testing import FakeClock
from tests.leases.world import KEY, NAME, PERIOD, World, eventually, got, watched


def _steal(world: World) -> None:
    index = got(world.manager().get_lease(NAME)).index
    got(world.manager().steal_lease(NAME, "thief", 0, PERIOD, index))


def _delete(world: World) -> None:
    record = world.record()
    assert record is not None
    assert world.store().delete(KEY, record.index, timeout=5.0)


def _revoke(world: World) -> None:
    from coordination.record import Session

    record = world.record()
    assert record is not None
    world.store().close_session(Session(str(record.session), PERIOD), timeout=5.0)


@pytest.mark.parametrize(
    ("act", "reasons"),
    [(_steal, {"stolen"}), (_delete, {"deleted"}), (_revoke, {"revoked"})],
    ids=["stolen", "deleted", "revoked"],
)
def test_the_watch_tells_soon(
    world: World, manager: Manager, clock: FakeClock, act: Callable[[World], None], reasons: set[str]
) -> None:
    """No time passes on the clock: the loss is told long before the next renewal."""
    told: list[str] = []
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    clock.settle()
    act(world)
    if reasons == {"revoked"}:
        clock.advance(PERIOD / 3 + 0.01)  # On files a session's end alone is no change of the record.
    eventually(lambda: told, "the news")
    assert (set(told), len(told), lease.held) == (reasons, 1, False)


def test_broken_content_is_a_loss(tmp_path: Path, clock: FakeClock) -> None:
    """A record file that makes no sense any more names no holder, so not us either."""
    from coordination import connect
    from coordination.stores.file.store import FileStore

    told: list[str] = []
    with connect(FileStore(tmp_path, clock, durable=False), clock=clock) as manager:
        lease = got(manager.acquire_lease(NAME, period=PERIOD))
        lease.keep_alive(lambda _lease, reason: told.append(reason))
        watched(lease)
        (tmp_path / f"{NAME}.json").write_text("{ torn")
        eventually(lambda: told, "the news")
        assert (told, lease.held) == (["broken"], False)


def test_our_own_renewals_are_no_loss(world: World, manager: Manager) -> None:
    """The watch hears of them too."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD)).keep_alive()
    for _ in range(20):
        lease.renew()
    world.lives_through(lease, PERIOD)
    assert lease.held


def test_an_owner_that_stalls_loses_it(world: World, other: Manager, clock: FakeClock) -> None:
    """Who says nothing for `stall_after` seconds is not renewed any more, and told so."""
    told: list[str] = []
    manager = world.manager(stall_after=20.0)
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    world.lives_through(lease, 18.0)
    assert (lease.held, told) == (True, [])
    clock.advance(2.0)
    assert not lease.held
    eventually(lambda: told, "the news")
    assert told == ["stalled"]
    with pytest.raises(LeaseLost) as loss:
        lease.renew()
    assert loss.value.reason == "stalled"
    clock.advance(PERIOD)
    assert other.acquire_lease(NAME, period=PERIOD) is not None


def test_progress_puts_it_off(world: World) -> None:
    """Each sign of life counts anew."""
    lease = got(world.manager(stall_after=20.0).acquire_lease(NAME, period=PERIOD)).keep_alive()
    for _ in range(5):
        world.lives_through(lease, 14.0)
        lease.progress()
    assert lease.held


def test_only_what_is_kept_can_stall(world: World, clock: FakeClock) -> None:
    """Who renews by hand shows life by that."""
    lease = got(world.manager(stall_after=5.0).acquire_lease(NAME, period=PERIOD))
    clock.advance(8.0)
    assert (lease.held, lease.lost) == (True, None)
