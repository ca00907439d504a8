"""Records that a stranger may lawfully write, however unusual: each of them is a live holder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from coordination import Manager
from tests.files.foreign import BILLION, fields, write


@pytest.mark.parametrize(
    "changes",
    [
        {"meta": None},
        {"meta": {}},
        {"host": ""},
        {"pid": -1},
        {"renewed_at": "2100-01-01T00:00:00Z"},
        {"renewed_at": "2100-01-01T00:00:00.1+05:30"},
        {"instance_id": "i" * 300},
        {"instance_id": "../../x"},
        {"instance_id": "a/b"},
        {"instance_id": "x\0y"},
        {"instance_id": "."},
        {"instance_id": "ÄÖ☃"},
        {"ttl": 2**62},
        {"unknown": {"deep": [1]}},
    ],
    ids=str,
)
def test_unusual_but_valid_records_still_block(
    folder: Path, manager: Manager, changes: dict[str, Any]
) -> None:
    """Whatever a stranger may lawfully write counts as a live holder."""
    write(folder / "x.json", fields(**changes))
    assert manager.acquire_lease("x") is None
    assert manager.get_lease("x") is not None
    assert [lease.name for lease in manager.list_leases()] == ["x"]


def test_a_record_without_meta_still_blocks(folder: Path, manager: Manager) -> None:
    """Go leaves an empty `meta` out."""
    record = fields()
    del record["meta"]
    write(folder / "x.json", record)
    assert manager.acquire_lease("x") is None
    lease = manager.get_lease("x")
    assert lease is not None
    assert lease.metadata == {}


def test_a_record_with_two_links_still_blocks(folder: Path, manager: Manager, tmp_path: Path) -> None:
    """Go creates by hard link: one killed between link and unlink leaves a record with two names."""
    write(folder / "x.json", fields())
    (tmp_path / ".lease-1.tmp").hardlink_to(folder / "x.json")
    assert manager.acquire_lease("x") is None
    assert manager.get_lease("x") is not None


def test_ttl_counts_in_nanoseconds(folder: Path, manager: Manager) -> None:
    """1 500 000 000 is one and a half seconds."""
    write(folder / "x.json", fields(ttl=3 * BILLION // 2))
    lease = manager.get_lease("x")
    assert lease is not None
    assert lease.period == 1.5
