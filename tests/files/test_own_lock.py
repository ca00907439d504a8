"""Our own use of liblease's lock folder: there while we write, never another's when we leave."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from coordination import LeaseLost, Manager, StoreRefused
from coordination.clock import SystemClock
from coordination.stores.file.exclusion import strangers_out
from tests.files.conftest import Open
from tests.files.foreign import fields, write


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
