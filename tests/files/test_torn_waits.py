"""Torn content belongs to a holder who cannot be known: how long it is left alone, and when it is free."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination import LeaseCorrupt, Manager
from coordination.testing import FakeClock
from tests.files.conftest import Open

PERIOD = 10.0


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


@pytest.mark.parametrize(
    "torn", [b"", b"{", b"[]", b"null", b"\0" * 600, b"[" * 100_000, b"\xff\xfe"], ids=len
)
def test_torn_content_waits_for_a_silent_period(
    folder: Path, opened: Open, clock: FakeClock, torn: bytes
) -> None:
    """Corrupt to who looks, held to who acquires, and free once it stayed unchanged for a period."""
    (folder / "x.json").write_bytes(torn)
    first = opened(clock)
    with pytest.raises(LeaseCorrupt):
        first.get_lease("x")
    assert first.list_leases() == []
    assert first.acquire_lease("x", period=PERIOD) is None
    clock.advance(PERIOD - 0.1)
    assert opened(clock).acquire_lease("x", period=PERIOD) is None
    with pytest.raises(LeaseCorrupt):
        first.get_lease("x")
    clock.advance(0.2)
    assert opened(clock).acquire_lease("x", period=PERIOD) is not None
    assert first.get_lease("x") is not None


def test_torn_content_that_changes_starts_the_wait_again(
    folder: Path, opened: Open, clock: FakeClock
) -> None:
    """Somebody is at work there."""
    manager = opened(clock)
    for number in range(5):
        (folder / "x.json").write_bytes(b"torn %d" % number)
        assert manager.acquire_lease("x", period=PERIOD) is None
        clock.advance(PERIOD * 0.9)
    clock.advance(PERIOD * 0.2)
    assert manager.acquire_lease("x", period=PERIOD) is not None


def test_a_torn_record_of_a_renewing_holder_stays_his(
    folder: Path, holder: Manager, challenger: Manager, clock: FakeClock
) -> None:
    """While the session of our last write is renewed, no silence of the file is long enough."""
    lease = holder.acquire_lease("x", period=PERIOD)
    assert lease is not None
    store = lease._keeper.registry.store
    (folder / "x.json").write_bytes(b"torn")
    for _ in range(12):
        assert challenger.acquire_lease("x", period=PERIOD / 10) is None
        clock.advance(PERIOD / 3)
        assert store.renew_session(lease.grant.session, timeout=1) is not None


def test_a_torn_session_file_robs_nobody(folder: Path, holder: Manager, challenger: Manager) -> None:
    """A session that cannot be read may be alive: its lease waits for a silent period like any doubt."""
    lease = holder.acquire_lease("x", period=PERIOD)
    assert lease is not None
    [session] = (folder / ".coordination" / "@sessions").glob("*.json")
    for torn in (
        b"",
        b"{}",
        b"[" * 9000,
        b'{"ttl":1e999,"sequence":1e999}',
        b"\xff",
        session.read_bytes()[:-9],
    ):
        session.write_bytes(torn)
        assert challenger.acquire_lease("x", period=PERIOD) is None
        assert challenger.get_lease("x") is not None
    lease.renew()
    assert challenger.acquire_lease("x", period=PERIOD) is None


def test_a_lease_with_a_torn_session_file_is_free_in_the_end(
    folder: Path, holder: Manager, challenger: Manager, clock: FakeClock
) -> None:
    """The doubt ends after the period that the record states."""
    assert holder.acquire_lease("x", period=PERIOD) is not None
    [session] = (folder / ".coordination" / "@sessions").glob("*.json")
    session.write_bytes(b"torn")
    assert challenger.acquire_lease("x", period=1) is None
    clock.advance(PERIOD - 0.1)
    assert challenger.acquire_lease("x", period=1) is None
    clock.advance(0.2)
    assert challenger.acquire_lease("x", period=1) is not None
    assert not session.exists()
