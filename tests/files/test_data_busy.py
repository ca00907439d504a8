"""The data file while somebody else keeps it locked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from coordination import StoreUnavailable
from tests.files.conftest import Open


def test_a_data_file_that_is_busy_is_unavailable_in_time(opened: Open, folder: Path) -> None:
    """Somebody keeps the database locked: bounded by the timeout, and not applied."""
    lease = opened(timeout=1.0).acquire_lease("x", period=60)
    assert lease is not None
    lease.commit({"k": b"1"})
    database = sqlite3.connect(folder / ".coordination" / "data.sqlite3", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreUnavailable):
            lease.commit({"k": b"2"})
        with pytest.raises(StoreUnavailable):
            opened(timeout=0.2).read("k")
    finally:
        database.close()
    assert opened().read("k") == b"1"
    lease.commit({"k": b"3"})
