"""liblease's own lock, the folder PATH.acquire.lock: we respect it, and we hold it while we write."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from coordination import OutcomeUnknown, StoreRefused, StoreUnavailable
from coordination.testing import FakeClock
from tests.files.conftest import Open


@pytest.fixture
def clock() -> FakeClock:
    """Moves only while we wait, however long the machine takes for the rest; its wall is that of files."""
    return FakeClock(wall=time.time())


def test_a_live_one_makes_us_wait_until_the_timeout(opened: Open, lock: Path) -> None:
    """F9: typed as unavailable, within the timeout, and nothing of it applied."""
    lock.mkdir(mode=0o700)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        opened(timeout=0.3).acquire_lease("x", period=60)
    assert 0.25 < time.monotonic() - started < 4
    assert lock.is_dir()
    assert not (lock.parent / "x.json").exists()


def test_we_go_on_as_soon_as_it_is_free(opened: Open, lock: Path) -> None:
    """A writer of theirs that takes a moment costs us that moment."""
    lock.mkdir()
    started = time.monotonic()
    threading.Timer(0.2, lock.rmdir).start()
    assert opened(timeout=5).acquire_lease("x", period=60) is not None
    assert 0.15 < time.monotonic() - started < 3


def test_waiting_for_it_is_no_loss(opened: Open, lock: Path, clock: FakeClock) -> None:
    """F11: a renewal that could not find out is not lost, and works once the lock is gone."""
    lease = opened(clock, timeout=0.3).acquire_lease("x", period=60)
    assert lease is not None
    lock.mkdir()
    with pytest.raises(StoreUnavailable):
        lease.renew()
    assert lease.held
    assert lease.lost is None
    lock.rmdir()
    lease.renew()


def test_a_release_that_has_to_wait_is_bounded(opened: Open, lock: Path, clock: FakeClock) -> None:
    """F12: within about a second, typed, and never as a loss."""
    lease = opened(clock, timeout=0.3).acquire_lease("x", period=60)
    assert lease is not None
    lock.mkdir()
    os.utime(lock, (clock.wall() + 5, clock.wall() + 5))  # Not stale before the release has given up.
    started = clock.now()
    with pytest.raises(OutcomeUnknown):
        lease.release()
    assert clock.now() - started < 1.5


@pytest.mark.parametrize(("ttl", "stale"), [(0.02, 0.1), (0.5, 0.5), (60.0, 5.0)])
def test_a_stale_one_is_reclaimed(
    opened: Open, lock: Path, clock: FakeClock, ttl: float, stale: float
) -> None:
    """F13: stale means older than max(100 ms, min(ttl, 5 s)) by its time of change."""
    lock.mkdir()
    old = clock.wall() - stale - 0.05
    os.utime(lock, (old, old))
    started = clock.now()
    assert opened(clock, timeout=4).acquire_lease("x", period=ttl) is not None
    assert clock.now() == started
    assert not lock.exists()


@pytest.mark.parametrize(("ttl", "stale"), [(0.5, 0.5), (60.0, 5.0)])
def test_one_that_is_not_stale_yet_is_left(
    opened: Open, lock: Path, clock: FakeClock, ttl: float, stale: float
) -> None:
    """Shortly before that it is respected."""
    lock.mkdir()
    young = clock.wall() - stale + 0.15
    os.utime(lock, (young, young))
    with pytest.raises(StoreUnavailable):
        opened(clock, timeout=0.1).acquire_lease("x", period=ttl)
    assert lock.is_dir()


def test_a_killed_writer_of_ours_costs_no_wait(opened: Open, lock: Path, clock: FakeClock) -> None:
    """Our own lock folders are known by their sticky bit; under the sidecar such a one is a leftover."""
    os.mkdir(lock, 0o1700)
    started = clock.now()
    assert opened(clock).acquire_lease("x", period=60) is not None
    assert clock.now() == started
    assert list(lock.parent.glob("*.lock*")) == []


def test_a_lock_that_is_no_folder_is_not_removed(opened: Open, lock: Path) -> None:
    """Something else at that path, however old, is an error and stays."""
    lock.write_text("precious")
    os.utime(lock, (0, 0))
    with pytest.raises(StoreRefused):
        opened(timeout=0.3).acquire_lease("x", period=0.2)
    assert [path.read_text() for path in lock.parent.glob("x.json.acquire.lock*")] == ["precious"]


def test_a_lock_with_something_in_it_is_not_removed(opened: Open, lock: Path) -> None:
    """A folder with content is nobody's lock: it is not emptied, not moved, and nothing is left beside it."""
    lock.mkdir()
    (lock / "precious").write_text("1")
    os.utime(lock, (0, 0))
    with pytest.raises(StoreUnavailable):
        opened(timeout=0.3).acquire_lease("x", period=0.2)
    assert (lock / "precious").read_text() == "1"
    assert sorted(path.name for path in lock.parent.glob("x.json*")) == [lock.name]
