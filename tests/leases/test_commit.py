"""Writing under a lease: all of it, and only while the lease is ours."""

from __future__ import annotations

import pytest

from coordination import (
    ConfigurationError,
    LeaseLost,
    Manager,
    OutcomeUnknown,
    StoreUnavailable,
    ValueTooLarge,
)
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, got


def test_what_was_committed_is_read(manager: Manager, other: Manager) -> None:
    """By everybody of the namespace; text is written as UTF-8, and the index rises."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    first = lease.commit({"a": b"\x00\xff", "b": "Zoë", "empty": b""})
    second = lease.commit({"a": b"again"})
    assert (other.read("a"), other.read("b"), other.read("empty")) == (b"again", "Zoë".encode(), b"")
    assert second > first
    assert other.read("missing") is None


def test_puts_and_deletes_go_together(manager: Manager) -> None:
    """One transaction; deleting what is not there is no error."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.commit({"a": b"1", "b": b"2"})
    lease.commit({"c": b"3"}, deletes=["a", "missing"])
    assert [manager.read(key) for key in "abc"] == [None, b"2", b"3"]


def test_data_outlives_the_lease(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """It hangs on no session."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.commit({"a": b"1"})
    lease.release()
    clock.advance(10 * PERIOD)
    assert other.read("a") == b"1"


def test_data_belongs_to_its_namespace(world: World) -> None:
    """The same key in another namespace is another datum."""
    one, two = world.manager(namespace="one"), world.manager(namespace="two")
    got(one.acquire_lease(NAME, period=PERIOD)).commit({"a": b"1"})
    assert (one.read("a"), two.read("a")) == (b"1", None)


def test_a_stolen_lease_writes_nothing(manager: Manager, other: Manager) -> None:
    """The victim does not know yet; the store does, and the victim learns it."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    thief = got(other.steal_lease(NAME, None, 0, PERIOD, lease.index))
    thief.commit({"a": b"thief"})
    with pytest.raises(LeaseLost) as loss:
        lease.commit({"a": b"victim", "b": b"victim"})
    assert (loss.value.reason, lease.lost) == ("stolen", "stolen")
    assert (other.read("a"), other.read("b")) == (b"thief", None)


def test_an_expired_lease_writes_nothing(manager: Manager, store: LateStore, clock: FakeClock) -> None:
    """By the local deadline, before the store is asked."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    clock.advance(PERIOD)
    with pytest.raises(LeaseLost):
        lease.commit({"a": b"1"})
    assert "commit" not in store.calls
    assert manager.read("a") is None


def test_a_commit_that_arrives_too_late_writes_nothing(
    manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """It set out in time and was slow: the store refuses it."""
    lease = got(manager.acquire_lease(NAME, period=2.0))
    store.delay("commit", 3.0)
    with pytest.raises(LeaseLost) as loss:
        lease.commit({"a": b"1"})
    assert loss.value.reason == "expired"
    assert manager.read("a") is None


def test_a_released_lease_writes_nothing(manager: Manager) -> None:
    """The reason says that it was we who gave it up."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.release()
    with pytest.raises(LeaseLost) as loss:
        lease.commit({"a": b"1"})
    assert loss.value.reason == "released"


def test_renewals_do_not_get_in_the_way(manager: Manager) -> None:
    """The guard is the acquisition, not the index of the moment nor the period."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.renew()
    lease.commit({"a": b"1"})
    lease.renew(2 * PERIOD)
    lease.commit({"a": b"2"})
    assert manager.read("a") == b"2"


def test_a_commit_amid_an_unknown_renewal(manager: Manager, store: LateStore) -> None:
    """Wherever a change of period that got lost has left the record, it is ours and may write."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.after("replace", store.cut)
    with pytest.raises(OutcomeUnknown):
        lease.renew(2 * PERIOD)
    store.mend()
    lease.commit({"a": b"1"})
    assert manager.read("a") == b"1"


def test_a_lost_answer_is_unknown(manager: Manager, store: LateStore) -> None:
    """It may have been applied; the lease is not affected."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    store.lose_answer("commit")
    with pytest.raises(OutcomeUnknown):
        lease.commit({"a": b"1"})
    assert (lease.held, manager.read("a")) == (True, b"1")
    store.refuse("commit")
    with pytest.raises(StoreUnavailable):
        lease.commit({"a": b"2"})
    assert (lease.held, manager.read("a")) == (True, b"1")


def test_too_large_a_value_is_refused_whole(manager: Manager) -> None:
    """Nothing of the commit is applied."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    with pytest.raises(ValueTooLarge):
        lease.commit({"a": b"1", "b": bytes(70_000)})
    assert (manager.read("a"), lease.held) == (None, True)


@pytest.mark.parametrize(
    ("puts", "deletes"),
    [
        ({"": b"1"}, ()),
        ({"a": 1}, ()),
        ({"a": None}, ()),
        ({1: b"1"}, ()),
        ({"\udcff": b"1"}, ()),
        ({"x" * 256: b"1"}, ()),
        ("text", ()),
        ({}, "abc"),
        ({}, b"abc"),
        ({}, [""]),
        ({}, 7),
        ({"a": b"1"}, ["a"]),
    ],
    ids=repr,
)
def test_what_makes_no_sense_is_refused(
    manager: Manager, store: LateStore, puts: object, deletes: object
) -> None:
    """Before any I/O; and the lease is not affected."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    calls = list(store.calls)
    with pytest.raises(ConfigurationError):
        lease.commit(puts, deletes)  # type: ignore[arg-type]
    assert (store.calls, lease.held) == (calls, True)
