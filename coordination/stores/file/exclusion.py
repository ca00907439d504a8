"""Who may write: one holder at a time for each name, among us and with programs that use liblease.

Among us it is a `filelock` on a sidecar that holds no data and is never deleted (a deleted lock file
splits its waiters over two inodes). Inside it, for records that others write too, it is liblease's
own lock: a folder `PATH.acquire.lock`, made to take it and removed to free it, stale by its age.
"""

from __future__ import annotations

import contextlib
import functools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from coordination.clock import Clock
from coordination.errors import StoreRefused, StoreUnavailable
from coordination.forking import NO_FORK
from coordination.stores.file import disk
from coordination.timing import Deadline

if TYPE_CHECKING:
    import filelock

POLL = 0.002
"""Seconds between tries, as short as the section it guards usually takes."""

PATIENT = 5.0
"""Seconds: the longest after which liblease takes a lock folder for abandoned."""

_OURS = stat.S_ISVTX
"""The sticky bit marks lock folders made under our sidecar, so that a killed maker is recognised at once."""


@contextlib.contextmanager
def exclusive(sidecar: Path, timeout: float) -> Iterator[None]:
    """Keep the others of us out for the block; `StoreUnavailable` if that takes `timeout` seconds."""
    with NO_FORK:
        import filelock

    lock = _sidecar_lock(sidecar, os.getpid())
    try:
        try:
            lock.acquire(timeout=timeout, poll_interval=POLL)
        except filelock.Timeout:
            message = f"{sidecar}: another process was writing for {timeout:.2g} s; not applied"
            raise StoreUnavailable(message) from None
        except OSError as error:
            raise disk.translated(error, sidecar) from error
        yield
    finally:
        # Also when ^C came before it was known to be held; a lock that is not held is left as it is.
        lock.release(force=True)


@functools.lru_cache(maxsize=1024)
def _sidecar_lock(path: Path, _process: int) -> filelock.BaseFileLock:
    """The lock object of a sidecar; what it holds is kept per thread, so threads may share it.

    Not so processes: one that was made before a fork refuses to work in the child.
    """
    with NO_FORK:
        import filelock

    return filelock.FileLock(path, mode=0o600)


@contextlib.contextmanager
def strangers_out(path: Path, aside: Path, timeout: float, ttl: float, clock: Clock) -> Iterator[None]:
    """Keep programs with liblease out for the block; only for who keeps the others of us out.

    `ttl` is that of the one who waits: liblease takes a lock for abandoned after at most so long.
    `aside`: where an abandoned one is moved before it is removed.
    """
    bound = Deadline(clock, timeout)
    while not _make(path):
        if bound.left(timeout) <= 0:
            raise StoreUnavailable(f"{path}: another program was writing for {timeout:.2g} s; not applied")
        if not _reclaim(path, aside, max(0.1, min(ttl, PATIENT)), clock):
            clock.sleep(POLL)
    made = _identity(path)
    try:
        yield
    finally:
        if made is not None and _identity(path) == made:
            with contextlib.suppress(OSError):
                path.rmdir()


def _make(path: Path) -> bool:
    with disk.translating(path):
        try:
            os.mkdir(path, 0o700 | _OURS)
        except FileExistsError:
            return False
        return True


def _reclaim(path: Path, aside: Path, stale_after: float, clock: Clock) -> bool:
    """Remove the lock of a holder that died; True if it is worth trying again at once.

    It is moved away first and looked at again, so that a fresh lock is never removed for a stale one.
    """
    try:
        found = path.lstat()
    except OSError:
        return True
    if not stat.S_ISDIR(found.st_mode):
        raise StoreRefused(f"{path} is not a folder, so nobody's lock; remove it")
    abandoned = bool(found.st_mode & _OURS)  # We hold the sidecar, so its maker, one of us, is dead.
    if not abandoned and clock.wall() - found.st_mtime < stale_after:
        return False
    try:
        os.rename(path, aside)
        if _told_apart(aside.lstat()) == _told_apart(found):
            with contextlib.suppress(OSError):  # Not empty: nobody's lock, and not ours to remove.
                aside.rmdir()
                return True
        os.rename(aside, path)
    except OSError:
        return False
    return False


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        return _told_apart(path.lstat())
    except OSError:
        return None


def _told_apart(found: os.stat_result) -> tuple[int, ...]:
    """One folder from the next at its path: an inode that became free is given out again at once."""
    return found.st_dev, found.st_ino, found.st_mode, found.st_mtime_ns
