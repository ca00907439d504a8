"""Reading and writing small files safely: never through links, never torn, never beyond a size.

Operating-system errors become the library's own here: what the disk refuses is `StoreRefused`, what
may work later is `StoreUnavailable`. Up to the rename nothing has been applied.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from coordination.errors import (
    OutcomeUnknown,
    PermissionDenied,
    StoreError,
    StoreRefused,
    StoreUnavailable,
)

LARGEST_FILE = 262_144
"""Bytes; a record of ours is far below, and nothing larger is read into memory."""

_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_READ |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_WRITE |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

_TRANSIENT = {errno.EAGAIN, errno.EINTR, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.EBUSY}
_DENIED = {errno.EACCES, errno.EPERM}


def translated(error: OSError, path: Path | str) -> StoreError:
    """The library's error for one of the system's."""
    text = f"{path}: {error.strerror or error}"
    if error.errno in _DENIED:
        return PermissionDenied(text)
    if error.errno in _TRANSIENT:
        return StoreUnavailable(text)
    return StoreRefused(text)


@contextlib.contextmanager
def translating(path: Path) -> Iterator[None]:
    """Raise the library's errors for the system's."""
    try:
        yield
    except OSError as error:
        raise translated(error, path) from error


def read(path: Path) -> bytes | None:
    """The content of a regular file of ours (or root's); None if there is no file.

    A link, a pipe, a device, a folder, another user's file or one too large is `StoreRefused`.
    """
    with translating(path):
        try:
            handle = os.open(path, _READ)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO) or path.is_symlink():
                raise StoreRefused(f"{path} is not a regular file; remove it") from error
            raise
        try:
            _expect_record(os.fstat(handle), path)
            return _read_all(handle)
        finally:
            os.close(handle)


def _expect_record(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise StoreRefused(f"{path} is not a regular file; remove it")
    if hasattr(os, "geteuid") and found.st_uid not in (os.geteuid(), 0):
        raise PermissionDenied(f"{path} belongs to another user (uid {found.st_uid})")
    if found.st_size > LARGEST_FILE:
        raise StoreRefused(f"{path} has {found.st_size} bytes; a lease has at most {LARGEST_FILE}")


def _read_all(handle: int) -> bytes:
    parts = []
    while part := os.read(handle, LARGEST_FILE + 1):
        parts.append(part)
    return b"".join(parts)


def replace(path: Path, content: bytes, scratch: Path, *, durable: bool) -> None:
    """Put `content` at `path` in one step. The caller excludes others, so `scratch` is ours to reuse."""
    with translating(path):
        try:
            _write_new(scratch, content, durable=durable)
            _rename(scratch, path)
        except BaseException:
            remove(scratch)
            raise
    if durable:
        sync_folder(path.parent)


def write_new(path: Path, content: bytes) -> None:
    """Write a file that nobody knows of yet; what cannot be finished is removed."""
    with translating(path):
        try:
            _write_new(path, content, durable=False)
        except BaseException:
            remove(path)
            raise


def _write_new(path: Path, content: bytes, *, durable: bool) -> None:
    try:
        handle = os.open(path, _WRITE, 0o600)
    except FileExistsError:
        # A writer that was killed left it; unlinking never follows a link.
        path.unlink()
        handle = os.open(path, _WRITE, 0o600)
    try:
        write_all(handle, content)
        if durable:
            os.fsync(handle)
    finally:
        os.close(handle)


def write_all(handle: int, content: bytes) -> None:
    """Write to the end, in however many pieces the system takes it."""
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _rename(source: Path, target: Path) -> None:
    """Rename over the target; on Windows patiently, because it refuses while a reader has it open."""
    tries = 50 if os.name == "nt" else 1
    for left in reversed(range(tries)):
        try:
            os.replace(source, target)
        except PermissionError:
            if not left:
                raise
            time.sleep(0.002)
        else:
            return


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power failure, where folders can be synchronised."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise OutcomeUnknown(f"{folder}: written, but perhaps not to disk: {error}") from error


def remove(path: Path) -> bool:
    """Remove a file; False if there was none."""
    with translating(path):
        try:
            os.unlink(path)
        except FileNotFoundError:
            return False
        return True
