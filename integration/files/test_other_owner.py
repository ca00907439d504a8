"""Files and folders of other users, and what this user may not read: refused, typed, and left alone.

A lease must never be free only because its record cannot be read (002, caveat 4).
"""

from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination import Manager, PermissionDenied, StoreRefused, connect
from integration.files.conftest import Run

pytestmark = pytest.mark.root

STRANGER = 65_533
NOBODY = 65_534

TRY = """
import os, sys
import filelock, structlog, tenacity
from coordination import connect
connect(sys.argv[1])  # Whatever is imported late is read as root: the interpreter may be his alone.
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
for call in ("get_lease", "acquire_lease"):
    try:
        print(call, getattr(connect(sys.argv[1], timeout=1), call)("x"))
    except Exception as error:
        print(call, type(error).__name__)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """The store's, where other users can reach it: pytest closes its own whenever one starts."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o711)
        folder = Path(made) / "leases"
        folder.mkdir(mode=0o700)
        yield folder


def _manager(folder: Path) -> Manager:
    # Without fsync: a disk that takes a third of a second for one uses up a period of one second.
    return connect(f"{folder.as_uri()}?durable=false", timeout=1)


def test_a_record_of_another_user(folder: Path) -> None:
    """Planted in a folder of ours: neither believed nor replaced."""
    with _manager(folder) as manager:
        assert manager.acquire_lease("x", period=1.0) is not None
        time.sleep(1.0)  # It is over, so that nothing but its owner speaks against replacing it.
        os.chown(folder / "x.json", STRANGER, STRANGER)
        before = (folder / "x.json").read_bytes()
        for call in (manager.get_lease, manager.acquire_lease):
            with pytest.raises(PermissionDenied):
                call("x")
    assert (folder / "x.json").read_bytes() == before


@pytest.mark.parametrize("inner", ["", ".coordination", ".coordination/@sessions"])
def test_a_folder_of_another_user(folder: Path, inner: str) -> None:
    """He could swap every file in it."""
    where = folder / inner
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chown(where, STRANGER, STRANGER)
    with _manager(folder) as manager, pytest.raises(PermissionDenied):
        manager.acquire_lease("x")
    assert not (folder / "x.json").exists()


def test_a_counter_and_a_session_of_another_user(folder: Path) -> None:
    """What decides who holds is read from our own files only."""
    with _manager(folder) as manager:
        lease = manager.acquire_lease("x", period=60)
        assert lease is not None
        for path in (folder / ".coordination").rglob("*.json"):
            os.chown(path, STRANGER, STRANGER)
        with pytest.raises(PermissionDenied):
            manager.acquire_lease("x")
        other = manager.acquire_lease("y", period=60)
        assert other is not None
        other.release()
        os.chown(folder / ".coordination" / "y.counter", STRANGER, STRANGER)
        with pytest.raises(PermissionDenied):
            manager.acquire_lease("y")


def test_a_record_that_may_not_be_read(folder: Path, run: Run) -> None:
    """Mode 000: held by nobody knows whom, so an error, and never free."""
    (folder / "x.json").write_text("{}")
    os.chown(folder, NOBODY, NOBODY)
    os.chown(folder / "x.json", NOBODY, NOBODY)
    (folder / "x.json").chmod(0)
    assert run(TRY, str(NOBODY)).splitlines() == [
        "get_lease PermissionDenied",
        "acquire_lease PermissionDenied",
    ]
    assert (folder / "x.json").read_text() == "{}"


def test_a_folder_that_may_not_be_written(folder: Path, run: Run) -> None:
    """Root's folder, another user: refused."""
    folder.chmod(0o755)
    assert run(TRY, str(NOBODY)).splitlines() == ["get_lease None", "acquire_lease PermissionDenied"]
    assert list(folder.iterdir()) == []


def test_a_device_as_a_record(folder: Path) -> None:
    """A node at the very path, of the kind that would never end."""
    os.mknod(folder / "x.json", 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    with _manager(folder) as manager:
        for call in (manager.get_lease, manager.acquire_lease):
            with pytest.raises(StoreRefused):
                call("x")
    assert stat.S_ISCHR((folder / "x.json").stat().st_mode)
