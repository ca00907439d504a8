"""A disk that is full: nothing half-written, the old record intact, and a typed error."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination import StoreRefused, connect

pytestmark = pytest.mark.root


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "small", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Use up every byte, and answer the file that did."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError) as raised:
        while True:
            file.write(b"\0" * 4096)
    assert raised.value.errno == errno.ENOSPC
    return filler


def test_a_full_disk_is_refused_and_the_old_record_stays(small_disk: Path) -> None:
    """Neither a new lease nor a renewal can be written, and what was there can still be read as it was."""
    with connect((small_disk / "leases").as_uri()) as manager:
        lease = manager.acquire_lease("kept", period=60)
        assert lease is not None
        record = small_disk / "leases/kept.json"
        before = record.read_bytes()
        filler = fill(small_disk)
        with pytest.raises(StoreRefused):
            manager.acquire_lease("another", period=60)
        with pytest.raises(StoreRefused):
            lease.renew()
        assert record.read_bytes() == before
        assert lease.held
        seen = manager.get_lease("kept")
        assert seen is not None
        assert seen.token == lease.token
        filler.unlink()
        lease.renew()
        assert manager.acquire_lease("another", period=60) is not None
        assert lease.release()
