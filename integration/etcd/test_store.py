"""What the etcd store does beyond the contract: sole records, time left, large lists, nested batches."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from coordination import connect
from coordination.errors import LeaseLost, ValueTooLarge
from coordination.record import Guard, lease_key
from coordination.store import Swap
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.reading import PAGE
from coordination.stores.etcd.store import EtcdStore
from integration.servers.ways import Server

T = 10.0


@pytest.fixture
def url(variant: Server) -> str:
    """A prefix that only this test uses."""
    return f"{variant.url}/store-{secrets.token_hex(6)}"


@pytest.fixture
def store(url: str) -> Iterator[EtcdStore]:
    """A connection of its own."""
    opened = open_store(url)
    yield opened
    opened.close()


def test_ending_takes_the_record_along(store: EtcdStore) -> None:
    """`end` removes the record with its session, and says that it was there."""
    session = store.open_session(30, timeout=T)
    record = store.create("/leases/a", b"v", session, timeout=T)
    assert record is not None
    assert store.end(session, record.key, record.index, timeout=T)
    assert store.read(record.key, timeout=T) is None
    assert store.renew_session(session, timeout=T) is None


def test_ending_leaves_what_has_moved(store: EtcdStore) -> None:
    """At another index nothing is touched: neither a thief's record nor our session."""
    session, thief = store.open_session(30, timeout=T), store.open_session(30, timeout=T)
    record = store.create("/leases/a", b"v", session, timeout=T)
    assert record is not None
    stolen = store.replace(record.key, b"stolen", thief, record.index, timeout=T)
    assert stolen is not None
    assert not store.end(session, record.key, record.index, timeout=T)
    seen = store.read(record.key, timeout=T)
    assert seen is not None
    assert (seen.session, seen.index) == (thief.id, stolen.index)
    assert store.renew_session(session, timeout=T) is not None


def test_ending_a_dead_session_is_no_success(store: EtcdStore) -> None:
    """Its record went with it, before we came."""
    session = store.open_session(30, timeout=T)
    record = store.create("/leases/a", b"v", session, timeout=T)
    assert record is not None
    store.close_session(session, timeout=T)
    assert not store.end(session, record.key, record.index, timeout=T)


def test_a_release_leaves_neither_key_nor_lease(url: str, variant: Server) -> None:
    """And a victim's release tells the loss and leaves the thief his own."""
    with connect(url) as ours, connect(url) as theirs:
        lease = ours.acquire_lease("a", period=30)
        assert lease is not None
        session = lease.grant.session
        assert lease.release()
        assert ours._store.renew_session(session, timeout=T) is None
        again = ours.acquire_lease("a", period=30)
        assert again is not None
        stolen = theirs.steal_lease("a", "thief", 0, 30, again.index)
        assert stolen is not None
        with pytest.raises(LeaseLost, match="stolen"):
            again.release()
        view = ours.get_lease("a")
        assert view is not None
        assert view.token == stolen.token


def test_a_list_is_paged_and_timed(url: str) -> None:
    """More leases than one answer holds, each with the time that it really has left."""
    with connect(url) as manager:
        store = manager._store
        session = store.open_session(3000, timeout=T)
        names = [f"{number:04}" for number in range(2 * PAGE + 7)]
        for name in names:
            store.create(lease_key("", name), b'{"MachineID":"m"}', session, timeout=T)
        listed = manager.list_leases()
    assert [lease.name for lease in listed] == names
    assert {2000 < lease.time_remaining <= 3000 for lease in listed} == {True}


def test_a_record_on_no_session_lasts_for_ever(url: str, store: EtcdStore) -> None:
    """What somebody put there by hand is shown so, and excludes others like any other lease."""
    session = store.open_session(30, timeout=T)
    guard = store.create("/leases/guard", b"v", session, timeout=T)
    assert guard is not None
    store.commit(Guard(guard.key, session.id), {"/leases/by-hand": b"machine-9"}, [], timeout=T)
    with connect(url) as manager:
        view = manager.get_lease("by-hand")
        assert view is not None
        assert (view.machine_id, view.time_remaining) == ("machine-9", float("inf"))
        assert [lease.time_remaining for lease in manager.list_leases("by")] == [float("inf")]
        assert manager.acquire_lease("by-hand", period=5) is None


def test_nested_swaps_answer_the_index_that_reads_show(store: EtcdStore) -> None:
    """One transaction, one revision: every record written has it, and keeps its creation."""
    session = store.open_session(30, timeout=T)
    records = [store.create(f"/leases/{name}", b"v", session, timeout=T) for name in "abc"]
    swaps = [Swap(it.key, b"w", session, it.index) for it in records if it is not None]
    written = store.replace_all(swaps, timeout=T)
    for before, now in zip(records, written, strict=True):
        assert before is not None
        seen = store.read(before.key, timeout=T)
        assert seen is not None
        assert (seen.index, seen.created, seen.value) == (now.index, before.created, b"w")  # type: ignore[union-attr]
    assert len({it.index for it in written}) == 1  # type: ignore[union-attr]


def test_large_values_go_in_rows_that_etcd_takes(store: EtcdStore) -> None:
    """Forty values of 60 KiB are more than a request may hold; one too large is refused before sending."""
    session = store.open_session(30, timeout=T)
    records = [store.create(f"/leases/{number}", b"v", session, timeout=T) for number in range(40)]
    swaps = [Swap(it.key, b"x" * 60_000, session, it.index) for it in records if it is not None]
    written = store.replace_all(swaps, timeout=T)
    assert [type(it).__name__ for it in written] == ["Record"] * 40
    with pytest.raises(ValueTooLarge):
        store.create("/leases/large", b"x" * 65_537, session, timeout=T)
