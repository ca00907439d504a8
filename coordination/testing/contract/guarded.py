"""Guarded writes, for the stores that offer them: data written only while a lease is ours."""

from __future__ import annotations

import pytest

from coordination.errors import ValueTooLarge
from coordination.record import DATA, Guard, Record, Session, prefix_of
from coordination.testing.contract.base import Contract
from coordination.testing.handle import Handle
from coordination.testing.harness import StoreHarness


class GuardedWritesContract(Contract):
    """Everything that `coordination.store.GuardedWrites` promises."""

    def test_commit_writes_under_a_living_guard(self, harness: StoreHarness) -> None:
        """While the guard's key hangs on its session, the data is written and all can read it."""
        one, two = harness.handle(), harness.handle()
        guard, _ = _guard(harness, one)
        one.must_commit(guard, {harness.data("x"): b"1", harness.data("y"): b"\xff"})
        values = [two.must_read(harness.data(name)).value for name in "xy"]
        assert values == [b"1", b"\xff"]

    def test_commit_under_a_guard_that_was_created_anew(self, harness: StoreHarness) -> None:
        """A guard that names a creation is not fulfilled by the next record of its key on its session."""
        store = harness.handle()
        session = store.open_session()
        first = store.must_create(harness.key("a"), session)
        guard = Guard(first.key, session.id, first.created)
        store.must_commit(guard, {harness.data("x"): b"1"})
        assert store.delete(first.key, first.index)
        again = store.must_create(first.key, session)
        assert store.commit(guard, {harness.data("x"): b"late"}) is None
        assert (
            store.commit(Guard(first.key, session.id, again.created), {harness.data("y"): b"2"}) is not None
        )
        assert store.must_read(harness.data("x")).value == b"1"

    def test_commit_answers_a_rising_index(self, harness: StoreHarness) -> None:
        """Each answer is greater than the one before, also for equal data; reads show it."""
        store = harness.handle()
        guard, _ = _guard(harness, store)
        first = store.must_commit(guard, {harness.data("x"): b"same"})
        again = store.must_commit(guard, {harness.data("x"): b"same"})
        assert again > first
        assert store.must_read(harness.data("x")).index == again

    def test_commit_deletes(self, harness: StoreHarness) -> None:
        """Puts and deletes go in one step; deleting what is not there is no error."""
        store = harness.handle()
        guard, _ = _guard(harness, store)
        store.must_commit(guard, {harness.data("x"): b"1"})
        store.must_commit(guard, {harness.data("y"): b"2"}, [harness.data("x"), harness.data("z")])
        assert store.listed(prefix_of(harness.namespace, DATA)) == [harness.data("y")]

    def test_writes_are_told(self, harness: StoreHarness) -> None:
        """Who watches a folder of data hears of what is put there, and of what is deleted."""
        one, two = harness.handle(), harness.handle()
        guard, _ = _guard(harness, one)
        folder = f"{prefix_of(harness.namespace, DATA)}folder/"
        watching = two.watch(folder, 0)
        one.must_commit(guard, {f"{folder}x": b"1"})
        assert harness.eventually(lambda: bool(watching.told))
        settled = len(watching.told)
        one.must_commit(guard, {}, [f"{folder}x"])
        assert harness.eventually(lambda: len(watching.told) > settled)

    def test_an_expired_guard_writes_nothing(self, harness: StoreHarness) -> None:
        """When the guard's session has expired the answer is None, and no data changed."""
        store = harness.handle()
        session = store.open_session(2 * harness.ttl)
        guard, _ = _guard(harness, store, session)
        store.must_commit(guard, {harness.data("x"): b"old"})
        harness.expire(session)
        refused = store.commit(guard, {harness.data("x"): b"late", harness.data("y"): b"late"})
        _assert_only_old(harness, store, refused)

    def test_a_closed_guard_writes_nothing(self, harness: StoreHarness) -> None:
        """The same when its session was closed."""
        store = harness.handle()
        session = store.open_session()
        guard = Guard(store.must_create(harness.key("a"), session).key, session.id)
        store.must_commit(guard, {harness.data("x"): b"old"})
        store.close_session(session)
        refused = store.commit(guard, {harness.data("y"): b"late"}, [harness.data("x")])
        _assert_only_old(harness, store, refused)

    def test_a_stolen_guard_writes_nothing(self, harness: StoreHarness) -> None:
        """The same when the record moved to a thief's session, although ours still lives."""
        store = harness.handle()
        guard, record = _guard(harness, store)
        store.must_commit(guard, {harness.data("x"): b"old"})
        store.must_replace(record, store.open_session())
        refused = store.commit(guard, {harness.data("x"): b"late", harness.data("y"): b"late"})
        _assert_only_old(harness, store, refused)

    def test_a_deleted_guard_writes_nothing(self, harness: StoreHarness) -> None:
        """The same when the record is gone and its session lives on."""
        store = harness.handle()
        guard, record = _guard(harness, store)
        store.must_commit(guard, {harness.data("x"): b"old"})
        store.must_delete(record)
        refused = store.commit(guard, {harness.data("y"): b"late"}, [harness.data("x")])
        _assert_only_old(harness, store, refused)

    def test_a_rewritten_guard_still_holds(self, harness: StoreHarness) -> None:
        """A guard asks for the session, not for an index: the holder's own renewals do not break it."""
        store = harness.handle()
        session = store.open_session()
        record = store.must_create(harness.key("a"), session)
        store.must_replace(record, session)
        assert store.commit(Guard(record.key, session.id), {harness.data("x"): b""}) is not None

    def test_data_outlives_the_session(self, harness: StoreHarness) -> None:
        """Data hangs on no session: it is there after the lease that wrote it has expired."""
        store = harness.handle()
        session = store.open_session(2 * harness.ttl)
        guard, _ = _guard(harness, store, session)
        store.must_commit(guard, {harness.data("x"): b"kept"})
        harness.expire(session)
        kept = store.must_read(harness.data("x"))
        assert (kept.value, kept.session) == (b"kept", None)

    def test_a_commit_is_all_or_nothing(self, harness: StoreHarness) -> None:
        """If one value is too large, none is written."""
        store = harness.handle()
        guard, _ = _guard(harness, store)
        store.must_commit(guard, {harness.data("x"): b"old"})
        too_large = bytes(store.store.capabilities.largest_value + 1)
        with pytest.raises(ValueTooLarge):
            store.commit(guard, {harness.data("x"): b"new", harness.data("y"): too_large})
        _assert_only_old(harness, store, None)

    def test_data_is_not_among_the_leases(self, harness: StoreHarness) -> None:
        """A datum and a lease of one name are two records, and neither list shows the other."""
        store = harness.handle()
        guard, record = _guard(harness, store)
        store.must_commit(guard, {harness.data("a"): b"datum"})
        assert store.listed(harness.prefix) == [record.key]
        assert store.listed(prefix_of(harness.namespace, DATA)) == [harness.data("a")]


def _guard(harness: StoreHarness, store: Handle, session: Session | None = None) -> tuple[Guard, Record]:
    session = session or store.open_session()
    record = store.must_create(harness.key("a"), session)
    return Guard(record.key, session.id), record


def _assert_only_old(harness: StoreHarness, store: Handle, refused: int | None) -> None:
    data = [(record.key, record.value) for record in store.list(prefix_of(harness.namespace, DATA))]
    assert (refused, data) == (None, [(harness.data("x"), b"old")])
