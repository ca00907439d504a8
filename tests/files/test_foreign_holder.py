"""A lease held by a liblease program, as we see it: the first half of sharing one folder both ways."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from coordination import LeaseLost, Manager
from coordination.testing import FakeClock
from tests.files.conftest import Open
from tests.files.foreign import LibLease, fields, go_time, write


def test_a_live_one_blocks_us(folder: Path, manager: Manager) -> None:
    """Acquire answers None and leaves the stranger's file as it is, byte by byte."""
    write(folder / "x.json", fields())
    before = (folder / "x.json").read_bytes()
    assert manager.acquire_lease("x") is None
    assert (folder / "x.json").read_bytes() == before


def test_it_is_shown_with_what_it_says(folder: Path, manager: Manager) -> None:
    """Host, pid, times, meta and the time left are read from the Go record."""
    renewed = time.time() - 10
    write(folder / "x.json", fields(renewed_at=go_time(renewed), acquired_at=go_time(renewed - 5)))
    [listed] = manager.list_leases()
    lease = manager.get_lease("x")
    assert lease is not None
    assert (lease.name, lease.machine_id, lease.host, lease.pid) == ("x", "go-host", "go-host", 4711)
    assert lease.metadata == {"region": "eu"}
    assert lease.renewed_at == pytest.approx(renewed, abs=1e-6)
    assert lease.acquired_at == pytest.approx(renewed - 5, abs=1e-6)
    assert 45 < lease.time_remaining <= 50
    assert lease.period == 60
    assert (listed.token, listed.index) == (lease.token, lease.index)
    assert not lease.held


def test_an_expired_one_is_taken_by_the_first_acquire(folder: Path, manager: Manager) -> None:
    """Nobody has to watch it first: the rule of its format is the wall clock."""
    write(folder / "x.json", fields(renewed_at=go_time(time.time() - 61)))
    assert manager.get_lease("x") is None
    assert manager.list_leases() == []
    lease = manager.acquire_lease("x")
    assert lease is not None
    assert lease.held


def test_at_the_very_instant_of_its_end_it_is_still_held(folder: Path, opened: Open) -> None:
    """D9: expired only strictly after renewed_at + ttl."""
    clock = FakeClock(wall=1_700_000_000.0)
    write(folder / "x.json", fields(renewed_at=go_time(1_699_999_940.0)))
    manager = opened(clock)
    assert manager.acquire_lease("x") is None
    clock.advance(0.001)
    assert manager.acquire_lease("x") is not None


def test_each_renewal_of_its_is_a_new_index(folder: Path, manager: Manager) -> None:
    """The index moves with every foreign write, and the token stays with the holder."""
    record = fields()
    indexes, tokens = [], set()
    for second in range(4):
        write(folder / "x.json", {**record, "renewed_at": go_time(time.time() + second / 100)})
        lease = manager.get_lease("x")
        assert lease is not None
        indexes.append(lease.index)
        tokens.add(lease.token)
    assert indexes == sorted(set(indexes))
    assert len(tokens) == 1


def test_looking_twice_at_the_same_writing_is_the_same_index(folder: Path, opened: Open) -> None:
    """Numbers given to a stranger's record are kept for every process that looks."""
    write(folder / "x.json", fields())
    first, second = opened().get_lease("x"), opened().get_lease("x")
    assert first is not None
    assert second is not None
    assert (first.token, first.index) == (second.token, second.index)


def test_a_takeover_among_strangers_is_a_higher_token(folder: Path, manager: Manager) -> None:
    """Another instance_id is another holder, and tokens rise from holder to holder."""
    tokens = []
    for _ in range(4):
        write(folder / "x.json", fields())
        lease = manager.get_lease("x")
        assert lease is not None
        tokens.append(lease.token)
    assert tokens == sorted(set(tokens))


def test_tokens_rise_from_us_to_a_stranger_and_back(folder: Path, manager: Manager) -> None:
    """One sequence of tokens, whoever holds it."""
    ours = manager.acquire_lease("x")
    assert ours is not None
    ours.release()
    theirs = LibLease(folder / "x.json", 60)
    theirs.acquire()
    seen = manager.get_lease("x")
    assert seen is not None
    theirs.release()
    again = manager.acquire_lease("x")
    assert again is not None
    assert ours.token < seen.token < again.token


def test_stealing_from_a_stranger_needs_its_newest_index(folder: Path, manager: Manager) -> None:
    """A foreign renewal between the look and the steal makes the steal fail."""
    record = fields()
    write(folder / "x.json", record)
    seen = manager.get_lease("x")
    assert seen is not None
    write(folder / "x.json", {**record, "renewed_at": go_time(time.time())})
    assert manager.steal_lease("x", "thief", 1, 15, seen.index) is None
    seen = manager.get_lease("x")
    assert seen is not None
    stolen = manager.steal_lease("x", "thief", 1, 15, seen.index)
    assert stolen is not None
    assert stolen.token > seen.token


def test_a_foreign_takeover_of_ours_is_told_as_a_loss(folder: Path, opened: Open) -> None:
    """Renew raises `LeaseLost`, release too, and the stranger's record stays."""
    holder = opened().acquire_lease("x", period=60)
    assert holder is not None
    stranger = fields()
    write(folder / "x.json", stranger)
    with pytest.raises(LeaseLost) as told:
        holder.renew()
    assert told.value.reason == "stolen"
    assert not holder.held
    with pytest.raises(LeaseLost):
        holder.release()
    left = opened().get_lease("x")
    assert left is not None
    assert left.machine_id == "go-host"


def test_a_kept_lease_notices_the_takeover_by_itself(folder: Path, manager: Manager) -> None:
    """The watch tells the holder, long before its next renewal is due."""
    told: list[str] = []
    lease = manager.acquire_lease("x", period=60)
    assert lease is not None
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    time.sleep(0.3)
    write(folder / "x.json", fields())
    ends = time.monotonic() + 30
    while not told and time.monotonic() < ends:
        time.sleep(0.01)
    assert told == ["stolen"]
    assert not lease.held
