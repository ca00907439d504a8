"""The folders themselves: whose they are, who may write there, and whether they are links."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from coordination import connect
from tests.files.conftest import Open
from tests.files.planting import (
    Plant,
    dangling_link,
    device,
    fifo,
    gigabyte,
    link,
    link_to_folder,
    refused,
    untouched,
)


@pytest.mark.parametrize("plant", [link, link_to_folder, dangling_link, fifo, device, gigabyte])
@pytest.mark.parametrize("inner", ["", ".coordination", ".coordination/@sessions"])
def test_at_the_path_of_a_folder(folder: Path, opened: Open, victim: Path, plant: Plant, inner: str) -> None:
    """Only the folder that the user named may be a link; what we make below it may not."""
    where = folder / inner if inner else folder
    if inner:
        where.parent.mkdir(mode=0o700, exist_ok=True)
    else:
        folder.rmdir()
    plant(where, victim)
    manager = opened()
    if not inner and plant is link_to_folder:
        assert manager.acquire_lease("x") is not None
        assert (victim.parent / "x.json").is_file()
        return
    refused(lambda: manager.acquire_lease("x"))
    untouched(victim)


def test_a_link_among_the_folders_of_namespaces(folder: Path, victim: Path) -> None:
    """In a sticky folder such as /tmp others may make `@ns`: it must be ours, and no link."""
    (folder / "@ns").symlink_to(victim.parent)
    with connect(folder.as_uri(), namespace="team") as manager:
        refused(lambda: manager.acquire_lease("x"))
    untouched(victim)


def test_a_folder_that_everybody_may_write(folder: Path, opened: Open) -> None:
    """Refused without the sticky bit, fit for use with it."""
    folder.chmod(0o777)
    refused(lambda: opened().acquire_lease("x"))
    assert list(folder.iterdir()) == []
    folder.chmod(0o1777)
    assert opened().acquire_lease("x") is not None


def test_the_private_part_that_everybody_may_write(folder: Path, opened: Open) -> None:
    """Sessions and counters decide who holds: nobody else may swap them."""
    (folder / ".coordination").mkdir()
    (folder / ".coordination").chmod(0o777)
    refused(lambda: opened().acquire_lease("x"))


def test_what_we_make_is_private(tmp_path: Path, opened: Open, folder: Path) -> None:
    """Files 0600 and folders 0700, whatever the umask says."""
    before = os.umask(0)
    try:
        folder.rmdir()
        lease = opened().acquire_lease("x", period=60)
        assert lease is not None
        lease.renew()
        lease.commit({"k": b"v"})
        opened().health()
    finally:
        os.umask(before)
    found = {path: stat.S_IMODE(path.lstat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert len(found) > 6
    assert {path: mode for path, mode in found.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}
