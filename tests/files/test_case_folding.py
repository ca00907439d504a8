"""File systems that fold case: one file must never serve two names."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination import Manager, StoreRefused
from coordination.testing import FakeClock
from tests.files.conftest import Open


def test_the_record_of_another_spelling_is_refused(folder: Path, manager: Manager) -> None:
    """As on macOS and Windows: opening `job.json` finds the file of the lease `JOB`."""
    assert manager.acquire_lease("JOB") is not None
    (folder / "JOB.json").rename(folder / "job.json")
    for call in (manager.acquire_lease, manager.get_lease):
        with pytest.raises(StoreRefused, match="JOB"):
            call("job")
    assert manager.list_leases() == []


def test_a_record_moved_to_another_name_is_refused(folder: Path, manager: Manager) -> None:
    """A copied or renamed record is nobody's lease of the new name, and its holder notices."""
    lease = manager.acquire_lease("a")
    assert lease is not None
    (folder / "a.json").rename(folder / "b.json")
    with pytest.raises(StoreRefused):
        manager.acquire_lease("b")
    with pytest.raises(Exception, match="deleted"):
        lease.renew()


def test_an_expired_record_of_another_spelling_is_refused_too(folder: Path, opened: Open) -> None:
    """Its counter and sidecar are another's as well, so its being dead does not help."""
    clock = FakeClock()
    manager = opened(clock)
    assert manager.acquire_lease("JOB", period=1) is not None
    clock.advance(2)
    (folder / "JOB.json").rename(folder / "job.json")
    with pytest.raises(StoreRefused):
        manager.acquire_lease("job")
