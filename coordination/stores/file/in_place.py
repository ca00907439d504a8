"""Writing small files of ours in place: cheaper than a rename, for what may be torn or read again.

A name that is a link, or one of several, is refused: what lies behind it is not ours to change.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from coordination.errors import StoreRefused
from coordination.stores.file import disk

_OVERWRITE = os.O_WRONLY | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
_OVERWRITE |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def overwrite(path: Path, content: bytes, *, durable: bool) -> None:
    """Put `content` into the file that is there, or a new one: cheaper, but a kill may leave it torn."""
    with disk.translating(path):
        handle = os.open(path, _OVERWRITE, 0o600)
        try:
            expect_only(os.fstat(handle), path)
            disk.write_all(handle, content)
            os.ftruncate(handle, len(content))
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)


def refresh(path: Path, content: bytes) -> bool:
    """Write over the beginning of a file, in one call; False if it is gone, or went meanwhile.

    It never makes a file, so it cannot bring back one that somebody has removed.
    """
    with disk.translating(path):
        try:
            handle = os.open(path, _OVERWRITE & ~os.O_CREAT)
        except FileNotFoundError:
            return False
        try:
            expect_only(os.fstat(handle), path)
            os.write(handle, content)
            return os.fstat(handle).st_nlink > 0
        finally:
            os.close(handle)


def expect_only(found: os.stat_result, path: Path) -> None:
    """Refuse to write in place what is no file, or is known by another name too."""
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        raise StoreRefused(f"{path} is a link or not a regular file; remove it")
