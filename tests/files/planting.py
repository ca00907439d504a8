"""What somebody may have put where the store reads and writes, and how its refusal is judged."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coordination import StoreRefused

PRECIOUS = b"precious, and nobody's lease"
GIGABYTE = 1 << 30

Plant = Callable[[Path, Path], None]


def link(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def link_to_folder(path: Path, victim: Path) -> None:
    path.symlink_to(victim.parent)


def dangling_link(path: Path, victim: Path) -> None:
    path.symlink_to(victim.with_name("nowhere"))


def fifo(path: Path, victim: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path, victim: Path) -> None:
    path.mkdir()


def full_folder(path: Path, victim: Path) -> None:
    path.mkdir()
    (path / "inner").write_bytes(PRECIOUS)


def device(path: Path, victim: Path) -> None:
    path.symlink_to("/dev/zero")


def gigabyte(path: Path, victim: Path) -> None:
    path.touch(0o600)
    os.truncate(path, GIGABYTE)


PLANTS = [link, link_to_folder, dangling_link, fifo, a_folder, full_folder, device]


def refused(call: Callable[[], object]) -> None:
    started = time.monotonic()
    with pytest.raises(StoreRefused):
        call()
    assert time.monotonic() - started < 4.0


def untouched(victim: Path) -> None:
    assert victim.read_bytes() == PRECIOUS
    assert [path.name for path in victim.parent.iterdir()] == [victim.name]
