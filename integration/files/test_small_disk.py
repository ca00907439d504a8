"""Disks that are full, or can only be read: refused, what was there intact, nothing left over afterwards."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coordination import CoordinationError, Manager, StoreRefused, connect

pytestmark = pytest.mark.root

Fill = Callable[[Path], list[Path]]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB with 64 inodes."""
    folder = tmp_path / "small"
    folder.mkdir()
    options = "size=256k,nr_inodes=64,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "small", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def _fill_bytes(disk: Path) -> list[Path]:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 512):
                pass
        except OSError:
            return [filler]
    raise AssertionError("the disk never got full")


def _fill_inodes(disk: Path) -> list[Path]:
    made = []
    try:
        for number in range(1000):
            made.append(disk / f"filler-{number}")
            made[-1].touch()
    except OSError:
        return made[:-1]
    raise AssertionError("the disk never ran out of inodes")


def _files(disk: Path) -> set[str]:
    return {
        str(path.relative_to(disk)) for path in disk.rglob("*") if path.is_file() and path.suffix != ".lock"
    }


def _manager(disk: Path) -> Manager:
    return connect((disk / "leases").as_uri(), timeout=1)


@pytest.mark.parametrize("fill", [_fill_bytes, _fill_inodes])
def test_a_full_disk_leaves_everything_as_it_was(disk: Path, fill: Fill) -> None:
    """Acquire, renew, steal and commit are refused again and again; with space again all of it works."""
    with _manager(disk) as manager:
        lease = manager.acquire_lease("x", period=60)
        assert lease is not None
        lease.commit({"k": b"old"})
        record, files = (disk / "leases" / "x.json").read_bytes(), _files(disk)
        filler = fill(disk)
        for _ in range(3):
            calls: list[Callable[[], object]] = [
                lambda: manager.acquire_lease("y", period=60),
                lease.renew,
                lambda: manager.steal_lease("x", "thief", 1, 60, lease.index),
            ]
            for call in calls:
                with pytest.raises(StoreRefused):
                    call()
            with pytest.raises(CoordinationError):
                lease.commit({"k": b"n" * 60_000})
        assert (disk / "leases" / "x.json").read_bytes() == record
        assert lease.held
        for path in filler:
            path.unlink()
        assert manager.read("k") == b"old"
        lease.renew()
        lease.commit({"k": b"new"})
        other = manager.acquire_lease("y", period=60)
        assert other is not None
        assert other.release()
        assert _files(disk) == files | {"leases/.coordination/y.counter"}


@pytest.mark.parametrize("fill", [_fill_bytes, _fill_inodes])
def test_a_release_on_a_full_disk_ends_within_its_bound(disk: Path, fill: Fill) -> None:
    """It is done, or a typed error says that it is not; afterwards the lease is held by nobody's mistake."""
    with _manager(disk) as manager:
        lease = manager.acquire_lease("x", period=4)
        assert lease is not None
        filler = fill(disk)
        try:
            assert lease.release()
        except StoreRefused:
            assert not lease.held
        for path in filler:
            path.unlink()
        again = manager.wait_lease("x", period=60, timeout=20)
        assert again.token > lease.token


def test_a_disk_that_can_only_be_read(disk: Path) -> None:
    """Looking works; everything that writes is refused, in time, and the lease stays believed to its end."""
    with _manager(disk) as manager:
        lease = manager.acquire_lease("x", period=60)
        assert lease is not None
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        seen = manager.get_lease("x")
        assert seen is not None
        assert seen.token == lease.token
        calls: list[Callable[[], object]] = [lambda: manager.acquire_lease("y", period=60), lease.renew]
        for call in calls:
            with pytest.raises(StoreRefused):
                call()
        with _manager(disk) as other:
            assert other.get_lease("x") is not None
            with pytest.raises(StoreRefused):
                other.acquire_lease("x")
        assert lease.held
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        lease.renew()
        assert lease.release()
