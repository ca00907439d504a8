"""The data file under a commit: hostile and damaged ones are refused with the library's own errors."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from coordination import CoordinationError, LeaseLost, Manager, StoreError, StoreRefused
from tests.files.conftest import Open

PRECIOUS = b"precious"

Plant = Callable[[Path, Path], object]


def _database(*statements: str) -> Plant:
    def plant(path: Path, victim: Path) -> None:
        database = sqlite3.connect(path)
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()

    plant.__name__ = f"sql_{statements[-1][:40]}"
    return plant


def _bytes(content: bytes) -> Plant:
    def plant(path: Path, victim: Path) -> None:
        path.write_bytes(content)

    plant.__name__ = f"bytes_{content[:12]!r}"
    return plant


def _symlink(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def _dangling(path: Path, victim: Path) -> None:
    path.symlink_to(victim.with_name("nowhere"))


def _hard_link(path: Path, victim: Path) -> None:
    path.hardlink_to(victim)


def _fifo(path: Path, victim: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path, victim: Path) -> None:
    path.mkdir()


def _sparse(path: Path, victim: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 30)


TABLE = "CREATE TABLE data (key TEXT PRIMARY KEY, value, created, idx)"
LAST = "CREATE TABLE last (one INTEGER PRIMARY KEY, idx)"
BAD = [
    *(_symlink, _dangling, _hard_link, _fifo, _folder, _sparse),
    *(_bytes(b"garbage" * 900), _bytes(b"SQLite format 3\0" + b"\xff" * 5000)),
    _database("CREATE TABLE data (other TEXT)", LAST),
    _database(
        TABLE, LAST, "INSERT INTO data VALUES ('/data/k', 'text', 1, 1)", "INSERT INTO last VALUES (1, 'z')"
    ),
    _database(
        TABLE, LAST, "INSERT INTO data VALUES ('/data/k', 1e9, 1, 1)", "INSERT INTO last VALUES (1, 1.5)"
    ),
    _database(
        TABLE,
        LAST,
        "INSERT INTO data VALUES ('/data/k', x'00', 'a', null)",
        "INSERT INTO last VALUES (1, x'')",
    ),
]


@pytest.fixture
def data(folder: Path) -> Path:
    """Where the data lies."""
    return folder / ".coordination" / "data.sqlite3"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file that must come to no harm."""
    made = tmp_path / "victim" / "file"
    made.parent.mkdir()
    made.write_bytes(PRECIOUS)
    return made


@pytest.mark.parametrize("plant", BAD, ids=lambda plant: plant.__name__)
def test_a_bad_data_file_is_refused(manager: Manager, data: Path, victim: Path, plant: Plant) -> None:
    """Reading and writing raise `StoreRefused`, the victim is untouched, and the lease is still held."""
    lease = manager.acquire_lease("x", period=60)
    assert lease is not None
    plant(data, victim)
    with pytest.raises(StoreRefused):
        manager.read("k")
    with pytest.raises(StoreRefused):
        lease.commit({"k": b"v"})
    assert victim.read_bytes() == PRECIOUS
    assert [path.name for path in victim.parent.iterdir()] == ["file"]
    lease.renew()


def test_an_empty_data_file_is_an_empty_database(manager: Manager, data: Path) -> None:
    """A process killed right after making it leaves exactly that."""
    lease = manager.acquire_lease("x", period=60)
    assert lease is not None
    data.touch(0o600)
    assert manager.read("k") is None
    lease.commit({"k": b"v"})
    assert manager.read("k") == b"v"


def test_a_data_file_damaged_at_any_page_is_a_typed_error(manager: Manager, data: Path) -> None:
    """Whatever SQLite makes of it: an answer or one of our errors, never another exception."""
    lease = manager.acquire_lease("x", period=600)
    assert lease is not None
    for number in range(40):
        lease.commit({f"k{number}": bytes([number]) * 300})
    sound = data.read_bytes()
    refused = 0
    for at in range(0, len(sound), 97):
        data.write_bytes(sound[:at] + bytes(48) + sound[at + 48 :])
        for call in (lambda: manager.read("k7"), lambda: lease.commit({"k1": b"v"})):
            try:
                call()
            except CoordinationError as error:
                assert isinstance(error, StoreError)
                refused += 1
    assert refused
    data.write_bytes(sound)
    assert manager.read("k7") == bytes([7]) * 300


def test_the_guard_fails_after_a_steal(opened: Open) -> None:
    """Not a byte of a commit by the old holder is applied."""
    victim = opened().acquire_lease("x", period=60)
    assert victim is not None
    victim.commit({"a": b"old", "b": b"old"})
    thief = opened().steal_lease("x", "thief", 1, 60, victim.index)
    assert thief is not None
    with pytest.raises(LeaseLost):
        victim.commit({"a": b"late", "c": b"late"}, deletes=["b"])
    reader = opened()
    assert [reader.read(key) for key in "abc"] == [b"old", b"old", None]
    assert not victim.held
    thief.commit({"a": b"new"}, deletes=["b"])
    assert [reader.read(key) for key in "abc"] == [b"new", None, None]


def test_a_reader_never_sees_half_a_commit(opened: Open, folder: Path) -> None:
    """Two keys that are always written together are never seen apart, in one look at the file."""
    lease = opened(timeout=30).acquire_lease("x", period=60)
    assert lease is not None
    lease.commit({"a": b"0", "b": b"0"})
    over = threading.Event()
    torn: list[object] = []

    def look() -> None:
        while not over.is_set():
            database = sqlite3.connect(folder / ".coordination" / "data.sqlite3", timeout=10)
            try:
                values = {bytes(row[0]) for row in database.execute("SELECT value FROM data")}
            finally:
                database.close()
            if len(values) != 1:
                torn.append(values)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for number in range(60):
            lease.commit({"a": b"%d" % number, "b": b"%d" % number})
    finally:
        over.set()
        thread.join(30)
    assert torn == []
