"""What others may have put where the store reads and writes: refused, typed, in time, the victim untouched.

A name's record lies in the folder itself; its counter, its sessions and its sidecar in the private part.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from coordination import CoordinationError, Manager, StoreRefused
from tests.files.conftest import Open
from tests.files.planting import (
    PLANTS,
    PRECIOUS,
    Plant,
    a_folder,
    dangling_link,
    device,
    fifo,
    full_folder,
    gigabyte,
    link,
    link_to_folder,
    refused,
    untouched,
)


@pytest.mark.parametrize("plant", [*PLANTS, gigabyte])
def test_at_the_path_of_a_record(folder: Path, manager: Manager, victim: Path, plant: Plant) -> None:
    """Neither looked through nor replaced; the other names go on."""
    plant(folder / "x.json", victim)
    before = (folder / "x.json").lstat()
    refused(lambda: manager.get_lease("x"))
    refused(lambda: manager.acquire_lease("x", period=0.2))
    assert manager.list_leases() == []
    assert manager.acquire_lease("y") is not None
    assert (folder / "x.json").lstat() == before
    untouched(victim)


def test_a_record_swapped_for_a_link_under_its_holder(folder: Path, manager: Manager, victim: Path) -> None:
    """Renew and release neither follow nor replace it."""
    lease = manager.acquire_lease("x", period=60)
    assert lease is not None
    (folder / "x.json").unlink()
    (folder / "x.json").symlink_to(victim)
    refused(lease.renew)
    with pytest.raises(CoordinationError):
        lease.release()
    assert (folder / "x.json").is_symlink()
    untouched(victim)


@pytest.mark.parametrize("plant", [*PLANTS, gigabyte])
def test_at_the_path_of_a_counter(folder: Path, manager: Manager, victim: Path, plant: Plant) -> None:
    """A counter that is no plain file is refused, since it could not be written safely."""
    assert manager.acquire_lease("y") is not None
    plant(folder / ".coordination" / "x.counter", victim)
    refused(lambda: manager.acquire_lease("x", period=60))
    assert not (folder / "x.json").exists()
    untouched(victim)


def test_a_counter_that_is_another_name_of_a_file(folder: Path, manager: Manager, victim: Path) -> None:
    """The counter is written in place, so a hard link would reach the victim: refused."""
    assert manager.acquire_lease("y") is not None
    (folder / ".coordination" / "x.counter").hardlink_to(victim)
    refused(lambda: manager.acquire_lease("x", period=60))
    assert victim.read_bytes() == PRECIOUS


@pytest.mark.parametrize("plant", [*PLANTS, gigabyte])
def test_at_the_path_of_a_session(folder: Path, opened: Open, victim: Path, plant: Plant) -> None:
    """A session that cannot be read is an error, for its holder and for challengers, never "dead"."""
    lease = opened().acquire_lease("x", period=60)
    assert lease is not None
    [session] = (folder / ".coordination" / "@sessions").glob("*.json")
    session.unlink()
    plant(session, victim)
    refused(lambda: opened().acquire_lease("x", period=60))
    refused(lease.renew)
    untouched(victim)


def test_a_session_that_is_another_name_of_a_file(folder: Path, manager: Manager, victim: Path) -> None:
    """Renewing it must not write into the victim."""
    lease = manager.acquire_lease("x", period=60)
    assert lease is not None
    [session] = (folder / ".coordination" / "@sessions").glob("*.json")
    content = session.read_bytes()
    victim.write_bytes(content)
    session.unlink()
    session.hardlink_to(victim)
    with pytest.raises(CoordinationError):
        lease.renew()
    assert victim.read_bytes() == content


@pytest.mark.parametrize("plant", [link, link_to_folder, dangling_link, a_folder, full_folder])
def test_at_the_path_of_a_sidecar(folder: Path, manager: Manager, victim: Path, plant: Plant) -> None:
    """The lock file is never opened through a link, and what stands there is not removed."""
    assert manager.acquire_lease("y") is not None
    plant(folder / ".coordination" / "x.lock", victim)
    refused(lambda: manager.acquire_lease("x", period=60))
    untouched(victim)


@pytest.mark.parametrize("plant", [fifo, device])
def test_a_sidecar_that_is_no_file_never_hangs(
    folder: Path, manager: Manager, victim: Path, plant: Plant
) -> None:
    """A pipe or a device either serves as a lock or is refused, within the timeout."""
    assert manager.acquire_lease("y") is not None
    plant(folder / ".coordination" / "x.lock", victim)
    started = time.monotonic()
    try:
        lease = manager.acquire_lease("x", period=60)
        assert lease is not None
    except StoreRefused:
        pass
    assert time.monotonic() - started < 4.0


def test_a_sidecar_that_is_another_name_of_a_file(folder: Path, manager: Manager, victim: Path) -> None:
    """It is locked, and not a byte of it is written."""
    assert manager.acquire_lease("y") is not None
    (folder / ".coordination" / "x.lock").hardlink_to(victim)
    manager.acquire_lease("x", period=60)
    assert victim.read_bytes() == PRECIOUS


@pytest.mark.parametrize("plant", [link, dangling_link, fifo, device])
def test_at_the_path_of_the_scratch_file(folder: Path, manager: Manager, victim: Path, plant: Plant) -> None:
    """A leftover of any kind is unlinked, never written through."""
    assert manager.acquire_lease("y") is not None
    plant(folder / ".coordination" / "x.tmp", victim)
    assert manager.acquire_lease("x", period=60) is not None
    assert (folder / "x.json").is_file()
    assert not (folder / "x.json").is_symlink()
    untouched(victim)
