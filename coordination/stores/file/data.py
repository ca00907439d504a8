"""The namespace's own data, written under leases: a SQLite database, for its transactions.

Several keys must change together or not at all, also when the process is killed half-way; that is
what SQLite is for. A connection per call: connections must not cross a fork or threads.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from coordination.errors import OutcomeUnknown, StoreError, StoreRefused, StoreUnavailable
from coordination.record import DATA, Record
from coordination.stores.file import in_place

_SCHEMA = """CREATE TABLE IF NOT EXISTS data
 (key TEXT PRIMARY KEY, value BLOB NOT NULL, created INTEGER NOT NULL, idx INTEGER NOT NULL) WITHOUT ROWID"""
_LAST = "CREATE TABLE IF NOT EXISTS last (one INTEGER PRIMARY KEY CHECK (one = 1), idx INTEGER NOT NULL)"
_PUT = """INSERT INTO data VALUES (?, ?, ?, ?)
 ON CONFLICT (key) DO UPDATE SET value = excluded.value, idx = excluded.idx"""
_COUNT = "INSERT INTO last VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET idx = excluded.idx"


Records = list[Record]


class Data:
    """Values by key in one database file."""

    def __init__(self, path: Path, *, durable: bool) -> None:
        self._path = path
        self._durable = durable

    def read(self, key: str, timeout: float) -> Record | None:
        """One value."""
        rows = self._rows("SELECT key, value, created, idx FROM data WHERE key = ?", key, timeout)
        return rows[0] if rows else None

    def list(self, prefix: str, timeout: float) -> Records:
        """All values whose keys start with `prefix`, by key."""
        query = "SELECT key, value, created, idx FROM data WHERE substr(key, 1, ?) = ? ORDER BY key"
        return self._rows(query, prefix, timeout)

    def within(self, prefix: str) -> Path | None:
        """The file that changes whenever anything under the prefix does; None if that is not kept here."""
        return self._path if prefix.split("/")[1:2] == [DATA] else None

    def last(self, timeout: float) -> int:
        """The index of the last write of all, 0 if there was none."""
        rows = self._rows("SELECT 'last', x'', idx, idx FROM last WHERE 'last' = ?", "last", timeout)
        return rows[0].index if rows else 0

    def write(self, puts: Mapping[str, bytes], deletes: Sequence[str], wall: float, timeout: float) -> int:
        """Apply all of it; the index of the write. The caller holds the name that guards it."""
        with self._open(timeout, write=True) as database:
            (last,) = database.execute("SELECT coalesce(max(idx), 0) FROM last").fetchone()
            index = max(self._sound(last) + 1, int(wall * 1e6))
            database.executemany("DELETE FROM data WHERE key = ?", [(key,) for key in deletes])
            rows = [(key, value, index, index) for key, value in puts.items()]
            database.executemany(_PUT, rows)
            database.execute(_COUNT, (index,))
            try:
                database.execute("COMMIT")
            except sqlite3.Error as error:
                raise OutcomeUnknown(f"{self._path}: {error}") from error
        return index

    def _rows(self, query: str, what: str, timeout: float) -> Records:
        if not os.path.lexists(self._path):
            return []
        arguments = (len(what), what) if "substr" in query else (what,)
        with self._open(timeout, write=False) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'data'").fetchall():
                return []
            rows = database.execute(query, arguments).fetchall()
        if not all(isinstance(value, bytes) for _, value, _, _ in rows):
            raise StoreRefused(f"{self._path} holds data that this library did not write")
        return [
            Record(key, value, self._sound(created), self._sound(index), None)
            for key, value, created, index in rows
        ]

    def _sound(self, number: object) -> int:
        """SQLite keeps anything in any column."""
        if not isinstance(number, int):
            raise StoreRefused(f"{self._path} holds data that this library did not write")
        return number

    def _make(self) -> None:
        """Make the file private. Never opened for it: closing a descriptor would drop SQLite's locks."""
        if hasattr(os, "mknod"):
            with contextlib.suppress(OSError):
                os.mknod(self._path, 0o600 | stat.S_IFREG)
        with contextlib.suppress(FileNotFoundError):
            in_place.expect_only(self._path.lstat(), self._path)  # SQLite would follow a link.

    @contextlib.contextmanager
    def _open(self, timeout: float, *, write: bool) -> Iterator[sqlite3.Connection]:
        self._make()
        try:
            database = sqlite3.connect(self._path, timeout=timeout, isolation_level=None)
            try:
                database.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'OFF'}")
                database.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                if write:
                    database.execute(_SCHEMA)
                    database.execute(_LAST)
                yield database
            finally:
                database.close()
        except sqlite3.Error as error:
            raise _translated(error, self._path) from error


def _translated(error: sqlite3.Error, path: Path) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM):
        return StoreUnavailable(f"{path}: {error}")
    return StoreRefused(f"{path}: {error}")
