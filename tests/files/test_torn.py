"""Damaged records: no live holder is robbed, nothing but `LeaseCorrupt` is raised, tokens never fall."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination import LeaseCorrupt, Manager
from coordination.testing import FakeClock
from tests.files.conftest import Open

PERIOD = 10.0
ROUNDS = 500


def _damaged(record: bytes, source: random.Random) -> bytes:
    """One to three blows: a bit flipped, a byte changed, a stretch lost, doubled or filled with zeros."""
    raw = bytearray(record)
    for _ in range(source.randint(1, 3)):
        at = source.randrange(len(raw))
        end = min(len(raw), at + source.randint(1, 40))
        blow = source.randrange(5)
        if blow == 0:
            raw[at] ^= 1 << source.randrange(8)
        elif blow == 1:
            raw[at] = source.randrange(256)
        elif blow == 2:
            del raw[at:end]
        elif blow == 3:
            raw[at:at] = raw[at:end]
        else:
            raw[at:end] = bytes(end - at)
        if not raw:
            raw = bytearray(b"{")
    return bytes(raw)


def _looked_at(manager: Manager, name: str) -> None:
    """Both ways of looking; only `LeaseCorrupt` may come of it."""
    manager.list_leases()
    try:
        manager.get_lease(name)
    except LeaseCorrupt:
        pass


@pytest.fixture
def clock() -> FakeClock:
    """Time passes when the test says so."""
    return FakeClock()


@pytest.fixture
def holder(opened: Open, clock: FakeClock) -> Manager:
    """The process whose record is damaged."""
    return opened(clock)


@pytest.fixture
def challenger(opened: Open, clock: FakeClock) -> Manager:
    """Another process."""
    return opened(clock)


@pytest.mark.untraced
def test_500_fuzzed_live_records_are_never_taken(folder: Path, holder: Manager, challenger: Manager) -> None:
    """Whatever its file has become, a lease whose holder is alive goes to nobody."""
    lease = holder.acquire_lease("x", period=PERIOD, metadata={"where": "räck 7"})
    assert lease is not None
    sound = (folder / "x.json").read_bytes()
    source = random.Random(58)
    for _ in range(ROUNDS):
        (folder / "x.json").write_bytes(_damaged(sound, source))
        _looked_at(challenger, "x")
        assert challenger.acquire_lease("x", period=PERIOD) is None
    (folder / "x.json").write_bytes(sound)
    lease.renew()


@pytest.mark.untraced
def test_500_fuzzed_dead_records_never_lower_the_token(
    folder: Path, holder: Manager, challenger: Manager, clock: FakeClock
) -> None:
    """Taken at once if it can still be read, after a period of silence if not; each token above the last."""
    source = random.Random(59)
    token = 0
    waited = 0
    for _ in range(ROUNDS):
        lease = holder.acquire_lease("x", period=PERIOD)
        assert lease is not None
        assert lease.token > token
        clock.advance(PERIOD + 0.1)
        (folder / "x.json").write_bytes(_damaged((folder / "x.json").read_bytes(), source))
        _looked_at(challenger, "x")
        taken = challenger.acquire_lease("x", period=PERIOD)
        if taken is None:
            waited += 1
            clock.advance(PERIOD + 0.1)
            taken = challenger.acquire_lease("x", period=PERIOD)
        assert taken is not None
        assert taken.token > lease.token
        token = taken.token
        taken.release()
    assert 0 < waited < ROUNDS


def _prefixes(record: bytes) -> Iterator[bytes]:
    return (record[:length] for length in range(len(record)))


@pytest.mark.untraced
def test_a_live_record_cut_at_each_byte_is_never_taken(
    folder: Path, holder: Manager, challenger: Manager
) -> None:
    """From the empty file to the last byte missing."""
    assert holder.acquire_lease("x", period=PERIOD) is not None
    sound = (folder / "x.json").read_bytes()
    for torn in _prefixes(sound):
        (folder / "x.json").write_bytes(torn)
        _looked_at(challenger, "x")
        assert challenger.acquire_lease("x", period=PERIOD) is None


@pytest.mark.untraced
def test_a_dead_record_cut_at_each_byte_is_taken_in_the_end(
    folder: Path, holder: Manager, challenger: Manager, clock: FakeClock
) -> None:
    """After one silent period, with a token above that of the torn one."""
    lease = holder.acquire_lease("x", period=PERIOD)
    assert lease is not None
    token = lease.token
    clock.advance(PERIOD + 0.1)
    sound = (folder / "x.json").read_bytes()
    for torn in _prefixes(sound):
        (folder / "x.json").write_bytes(torn)
        _looked_at(challenger, "x")
        taken = challenger.acquire_lease("x", period=PERIOD)
        if taken is None:
            clock.advance(PERIOD + 0.1)
            taken = challenger.acquire_lease("x", period=PERIOD)
        assert taken is not None
        assert taken.token > token
        token = taken.token
        clock.advance(PERIOD + 0.1)
