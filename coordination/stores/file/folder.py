"""The folder itself: made when first needed, checked once, and what an operator should know of it."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from coordination.errors import PermissionDenied, StoreRefused
from coordination.stores.file import disk, origin
from coordination.stores.file.layout import Layout, Place
from coordination.stores.file.sessions import Sessions

LITTLE = 16 * 1024 * 1024
"""Free bytes below which an operator is told."""


class Folder:
    """One store's folder and the part of it that is only ours."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._ready = False
        self._rooms: set[Path] = set()

    @property
    def exists(self) -> bool:
        """Whether it has been made."""
        return self._layout.own.is_dir()

    def prepare(self, sessions: Sessions) -> None:
        """Make it if it is not there, refuse it if others could swap files in it, sweep it once."""
        if self._ready and self._layout.sessions.is_dir():
            return
        self._rooms.clear()
        _make(self._layout.root)
        _expect_private(self._layout.root, may_be_link=True)
        _make(self._layout.own)
        _expect_private(self._layout.own, may_be_link=False)
        _make(self._layout.sessions)
        _expect_private(self._layout.sessions, may_be_link=False)
        self._ready = True
        sessions.sweep()

    def make_room(self, place: Place) -> None:
        """Make the folders that a key's files lie in."""
        layout = self._layout
        for top, folder in ((layout.root, place.record.parent), (layout.own, place.lock.parent)):
            if folder not in self._rooms:
                self._make_branch(top, folder)
                self._rooms.add(folder)

    def _make_branch(self, top: Path, folder: Path) -> None:
        """Make what lies between; in a shared folder somebody might have put a link there."""
        for name in folder.relative_to(top).parts:
            top /= name
            _make(top)
            _expect_private(top, may_be_link=False)

    def conditions(self, *, durable: bool) -> list[str]:
        """What an operator should look at."""
        probe = self._layout.own / "@probe"  # which no name spells
        disk.replace(probe, b"", probe.with_suffix(".tmp"), durable=False)
        disk.remove(probe)
        found = []
        root = self._layout.root
        if kind := origin.network_type(root):
            found.append(f"{root} is on {kind}, which machines may share: locks are not dependable there")
        with disk.translating(root):
            free = shutil.disk_usage(root).free
        if free < LITTLE:
            found.append(f"{root} has only {free} bytes free: leases will soon not be renewed")
        return found


def _make(path: Path) -> None:
    """Make a private folder and what is missing above it."""
    with disk.translating(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _expect_private(folder: Path, *, may_be_link: bool) -> None:
    """Refuse a folder in which others could swap files under us."""
    with disk.translating(folder):
        found = folder.stat() if may_be_link else folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise StoreRefused(f"{folder} is not a folder")
    if not hasattr(os, "geteuid"):
        return
    if found.st_uid not in (os.geteuid(), 0):
        raise PermissionDenied(f"{folder} belongs to another user (uid {found.st_uid}); use one of your own")
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        raise StoreRefused(f"{folder} is writable by everybody; run: chmod o-w {folder}")
