"""liblease's own lock, the folder PATH.acquire.lock: we respect it, and we hold it while we write."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from coordination import LeaseLost, Manager, StoreRefused, StoreUnavailable
from coordination.clock import SystemClock
from coordination.stores.file.exclusion import strangers_out
from tests.files.conftest import Open
from tests.files.foreign import fields, write


@pytest.fixture
def lock(folder: Path) -> Path:
    """Where the lock of the lease x lies."""
    return folder / "x.json.acquire.lock"


def test_a_live_one_makes_us_wait_until_the_timeout(opened: Open, lock: Path) -> None:
    """F9: typed as unavailable, within the timeout, and nothing of it applied."""
    lock.mkdir(mode=0o700)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        opened(timeout=0.3).acquire_lease("x", period=60)
    assert 0.25 < time.monotonic() - started < 2
    assert lock.is_dir()
    assert not (lock.parent / "x.json").exists()


def test_we_go_on_as_soon_as_it_is_free(opened: Open, lock: Path) -> None:
    """A writer of theirs that takes a moment costs us that moment."""
    lock.mkdir()
    threading.Timer(0.2, lock.rmdir).start()
    started = time.monotonic()
    assert opened(timeout=5).acquire_lease("x", period=60) is not None
    assert 0.15 < time.monotonic() - started < 3


def test_waiting_for_it_is_no_loss(opened: Open, lock: Path) -> None:
    """F11: a renewal that could not find out is not lost, and works once the lock is gone."""
    lease = opened(timeout=0.3).acquire_lease("x", period=60)
    assert lease is not None
    lock.mkdir()
    with pytest.raises(StoreUnavailable):
        lease.renew()
    assert lease.held
    assert lease.lost is None
    lock.rmdir()
    lease.renew()


def test_a_release_that_has_to_wait_is_bounded(opened: Open, lock: Path) -> None:
    """F12: within about a second, typed, and never as a loss."""
    lease = opened(timeout=0.3).acquire_lease("x", period=60)
    assert lease is not None
    lock.mkdir()
    os.utime(lock, (time.time() + 5, time.time() + 5))  # Not stale before the release has given up.
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        lease.release()
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(("ttl", "stale"), [(0.02, 0.1), (0.5, 0.5), (60.0, 5.0)])
def test_a_stale_one_is_reclaimed(opened: Open, lock: Path, ttl: float, stale: float) -> None:
    """F13: stale means older than max(100 ms, min(ttl, 5 s)) by its time of change."""
    lock.mkdir()
    old = time.time() - stale - 0.05
    os.utime(lock, (old, old))
    started = time.monotonic()
    assert opened(timeout=4).acquire_lease("x", period=ttl) is not None
    assert time.monotonic() - started < 2
    assert not lock.exists()


@pytest.mark.parametrize(("ttl", "stale"), [(0.5, 0.5), (60.0, 5.0)])
def test_one_that_is_not_stale_yet_is_left(opened: Open, lock: Path, ttl: float, stale: float) -> None:
    """Shortly before that it is respected."""
    lock.mkdir()
    young = time.time() - stale + 0.4
    os.utime(lock, (young, young))
    with pytest.raises(StoreUnavailable):
        opened(timeout=0.1).acquire_lease("x", period=ttl)
    assert lock.is_dir()


def test_a_killed_writer_of_ours_costs_no_wait(opened: Open, lock: Path) -> None:
    """Our own lock folders are known by their sticky bit; under the sidecar such a one is a leftover."""
    os.mkdir(lock, 0o1700)
    started = time.monotonic()
    assert opened().acquire_lease("x", period=60) is not None
    assert time.monotonic() - started < 1
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


def test_ours_is_there_while_we_write(folder: Path, lock: Path) -> None:
    """A liblease program finds its lock taken for the whole of our check-and-write, and free after it."""
    with strangers_out(lock, folder / "aside", 1.0, 60.0, SystemClock()):
        with pytest.raises(FileExistsError):
            lock.mkdir()
        assert lock.stat().st_mode & 0o777 == 0o700
    assert not lock.exists()


def test_ours_is_there_at_the_very_rename(
    folder: Path, manager: Manager, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen from within the write of the record, and within its removal near its end."""
    seen: list[bool] = []
    replace, unlink = os.replace, os.unlink

    def replacing(source: str, target: str) -> None:
        if str(target).endswith("x.json"):
            seen.append(lock.is_dir())
        replace(source, target)

    def unlinking(path: str) -> None:
        if str(path).endswith("/x.json"):
            seen.append(lock.is_dir())
        unlink(path)

    monkeypatch.setattr(os, "replace", replacing)
    monkeypatch.setattr(os, "unlink", unlinking)
    lease = manager.acquire_lease("x", period=4)
    assert lease is not None
    lease.renew()
    lease.release()
    assert len(seen) == 3
    assert all(seen)


def test_a_release_long_before_the_end_leaves_the_lock_alone(
    folder: Path, manager: Manager, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strangers take the record for held longer than their lock would count, so it would protect nothing."""
    lease = manager.acquire_lease("x", period=60)
    assert lease is not None
    made: list[str] = []
    monkeypatch.setattr(os, "mkdir", lambda path, *_, **__: made.append(str(path)))
    assert lease.release()
    assert str(lock) not in made
    assert list(folder.glob("x.json*")) == []


def test_the_lock_of_a_successor_is_never_removed(folder: Path, lock: Path) -> None:
    """002 §4.2: we stalled, a stranger reclaimed our lock and took it; leaving, we must not free it."""
    with strangers_out(lock, folder / "aside", 1.0, 0.1, SystemClock()):
        lock.rmdir()
        time.sleep(0.02)
        lock.mkdir()  # Often the very inode that has just become free.
    assert lock.is_dir()


def test_a_stranger_that_moved_in_meanwhile_is_seen(folder: Path, opened: Open, lock: Path) -> None:
    """What a stranger wrote while we waited for its lock decides, not what was there before."""
    lease = opened(timeout=3).acquire_lease("x", period=60)
    assert lease is not None
    lock.mkdir()

    def takeover() -> None:
        write(folder / "x.json", fields())
        lock.rmdir()

    threading.Timer(0.2, takeover).start()
    with pytest.raises(LeaseLost):
        lease.renew()


def test_a_symlink_as_the_lock_is_never_followed(opened: Open, lock: Path, tmp_path: Path) -> None:
    """The folder it points to is neither used as a lock nor removed."""
    victim = tmp_path / "victim"
    victim.mkdir()
    lock.symlink_to(victim)
    with pytest.raises(StoreRefused):
        opened(timeout=0.3).acquire_lease("x", period=0.2)
    assert victim.is_dir()
    shutil.rmtree(victim)
