"""Compare-and-swap: who may write over a record, and what becomes of the sessions involved."""

from __future__ import annotations

import pytest

from coordination.errors import SessionLost
from coordination.testing.contract.base import Contract
from coordination.testing.harness import StoreHarness


class ReplaceRules(Contract):
    """What `replace` promises."""

    def test_replace_writes_over_the_record(self, harness: StoreHarness) -> None:
        """A replace at the record's index is seen by every handle."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        replaced = one.must_replace(one.must_create(harness.key("a"), session), session, b"new")
        assert (replaced.value, two.must_read(harness.key("a")).value) == (b"new", b"new")

    def test_replace_at_a_stale_index_does_nothing(self, harness: StoreHarness) -> None:
        """Who did not see the last write cannot write over it."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        seen = one.must_create(harness.key("a"), session)
        newer = one.must_replace(seen, session, b"newer")
        refused = two.replace(seen.key, b"stale", two.open_session(), seen.index)
        now = two.must_read(seen.key)
        assert (refused, now.value, now.index) == (None, b"newer", newer.index)

    def test_replace_at_index_zero_does_nothing(self, harness: StoreHarness) -> None:
        """Index 0 stands for no record: it neither creates one nor matches any."""
        store = harness.handle()
        session = store.open_session()
        on_free = store.replace(harness.key("a"), b"zero", session, 0)
        store.must_create(harness.key("a"), session, b"first")
        on_live = store.replace(harness.key("a"), b"zero", session, 0)
        assert (on_free, on_live, store.must_read(harness.key("a")).value) == (None, None, b"first")

    def test_replace_of_a_deleted_record_answers_none(self, harness: StoreHarness) -> None:
        """A replace never brings back what is gone."""
        store = harness.handle()
        session = store.open_session()
        record = store.must_create(harness.key("a"), session)
        store.must_delete(record)
        assert store.replace(record.key, b"back", session, record.index) is None
        assert store.read(record.key) is None

    def test_replace_of_an_expired_record_answers_none(self, harness: StoreHarness) -> None:
        """An expired record is gone, whoever knows its index."""
        store = harness.handle()
        session = store.open_session(harness.ttl)
        record = store.must_create(harness.key("a"), session)
        harness.expire(session)
        assert store.replace(record.key, b"back", store.open_session(), record.index) is None

    def test_replace_on_a_dead_session_writes_nothing(self, harness: StoreHarness) -> None:
        """A live record is not moved to a session that is dead: `SessionLost`."""
        store = harness.handle()
        dead = store.open_session()
        store.close_session(dead)
        record = store.must_create(harness.key("a"), store.open_session(), b"first")
        with pytest.raises(SessionLost):
            store.replace(record.key, b"late", dead, record.index)
        assert store.must_read(record.key).index == record.index

    def test_replace_moves_the_record_to_the_session(self, harness: StoreHarness) -> None:
        """A replace with another session is how a lease is stolen: the record shows the new one."""
        one, two = harness.handle(), harness.handle()
        record = one.must_create(harness.key("a"), one.open_session())
        thief = two.open_session()
        two.must_replace(record, thief)
        assert one.must_read(record.key).session == thief.id

    def test_a_moved_record_outlives_its_old_session(self, harness: StoreHarness) -> None:
        """The end of the session it hung on before does not remove a record."""
        store = harness.handle()
        old, new = store.open_session(), store.open_session()
        store.must_replace(store.must_create(harness.key("a"), old), new, b"moved")
        store.close_session(old)
        assert store.must_read(harness.key("a")).value == b"moved"

    def test_a_moved_record_outlives_its_old_sessions_expiry(self, harness: StoreHarness) -> None:
        """Nor does its expiry, as long as the new session lives."""
        store = harness.handle()
        old, new = store.open_session(harness.ttl), store.open_session()
        store.must_replace(store.must_create(harness.key("a"), old), new, b"moved")
        harness.expire(old)
        assert store.must_read(harness.key("a")).value == b"moved"

    def test_a_moved_record_dies_with_its_new_session(self, harness: StoreHarness) -> None:
        """A record hangs on one session only, the last one it was written with."""
        store = harness.handle()
        old, new = store.open_session(), store.open_session()
        store.must_replace(store.must_create(harness.key("a"), old), new)
        store.close_session(new)
        assert store.read(harness.key("a")) is None

    def test_the_old_session_stays_as_it_is(self, harness: StoreHarness) -> None:
        """Taking one record away neither ends a session nor touches its other records."""
        store = harness.handle()
        old, new = store.open_session(), store.open_session()
        store.must_create(harness.key("b"), old)
        store.must_replace(store.must_create(harness.key("a"), old), new)
        assert store.renew_session(old) is not None
        assert store.must_read(harness.key("b")).session == old.id
