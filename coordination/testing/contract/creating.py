"""Rule 2 for writers: what may be created, and what a deletion removes."""

from __future__ import annotations

import pytest

from coordination.errors import SessionLost
from coordination.testing.contract.base import Contract
from coordination.testing.harness import StoreHarness


class CreateRules(Contract):
    """What `create` and `delete` promise."""

    def test_create_answers_what_was_written(self, harness: StoreHarness) -> None:
        """The record of a create carries its key, value and session."""
        store = harness.handle()
        session = store.open_session()
        record = store.must_create(harness.key("a"), session, b"mine")
        assert (record.key, record.value, record.session) == (harness.key("a"), b"mine", session.id)

    def test_create_refuses_a_live_key(self, harness: StoreHarness) -> None:
        """While a record lives, another create of its key answers None and changes nothing."""
        one, two = harness.handle(), harness.handle()
        record = one.must_create(harness.key("a"), one.open_session(), b"first")
        refused = two.create(harness.key("a"), b"second", two.open_session())
        now = one.must_read(harness.key("a"))
        assert (refused, now.value, now.index) == (None, b"first", record.index)

    def test_create_refuses_its_own_session_too(self, harness: StoreHarness) -> None:
        """A create never overwrites, not even a record of the same session."""
        store = harness.handle()
        session = store.open_session()
        store.must_create(harness.key("a"), session, b"first")
        refused = store.create(harness.key("a"), b"second", session)
        assert (refused, store.must_read(harness.key("a")).value) == (None, b"first")

    def test_a_deleted_key_is_free(self, harness: StoreHarness) -> None:
        """After a delete the next create succeeds at once."""
        one, two = harness.handle(), harness.handle()
        one.must_delete(one.must_create(harness.key("a"), one.open_session()))
        assert two.create(harness.key("a"), b"next", two.open_session()) is not None

    def test_a_key_of_a_closed_session_is_free(self, harness: StoreHarness) -> None:
        """After a close the next create succeeds at once."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        one.must_create(harness.key("a"), session)
        one.close_session(session)
        assert two.create(harness.key("a"), b"next", two.open_session()) is not None

    def test_an_expired_key_is_free(self, harness: StoreHarness) -> None:
        """A record whose session expired is in nobody's way."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session(harness.ttl)
        one.must_create(harness.key("a"), session)
        harness.expire(session)
        assert two.create(harness.key("a"), b"next", two.open_session()) is not None

    def test_an_expired_session_creates_nothing(self, harness: StoreHarness) -> None:
        """A create on an expired session raises `SessionLost` and leaves the key free."""
        store = harness.handle()
        session = store.open_session(harness.ttl)
        harness.expire(session)
        with pytest.raises(SessionLost):
            store.create(harness.key("a"), b"late", session)
        assert store.read(harness.key("a")) is None

    def test_a_closed_session_creates_nothing(self, harness: StoreHarness) -> None:
        """A create on a closed session raises `SessionLost` and leaves the key free."""
        store = harness.handle()
        session = store.open_session()
        store.close_session(session)
        with pytest.raises(SessionLost):
            store.create(harness.key("a"), b"late", session)
        assert store.read(harness.key("a")) is None

    def test_delete_removes_the_record(self, harness: StoreHarness) -> None:
        """A delete at the record's index answers True, and it is gone for every handle."""
        one, two = harness.handle(), harness.handle()
        record = one.must_create(harness.key("a"), one.open_session())
        assert (two.delete(record.key, record.index), one.read(record.key)) == (True, None)

    def test_delete_at_a_stale_index_does_nothing(self, harness: StoreHarness) -> None:
        """Who did not see the last write cannot delete it."""
        store = harness.handle()
        session = store.open_session()
        seen = store.must_create(harness.key("a"), session)
        store.must_replace(seen, session, b"newer")
        assert not store.delete(seen.key, seen.index)
        assert store.must_read(seen.key).value == b"newer"

    def test_delete_of_a_missing_record_answers_false(self, harness: StoreHarness) -> None:
        """Of two deletes of one record only the first is True."""
        store = harness.handle()
        record = store.must_create(harness.key("a"), store.open_session())
        answers = [store.delete(record.key, record.index) for _ in range(2)]
        assert answers == [True, False]

    def test_delete_of_an_expired_record_answers_false(self, harness: StoreHarness) -> None:
        """What expired was not removed by the caller."""
        store = harness.handle()
        session = store.open_session(harness.ttl)
        record = store.must_create(harness.key("a"), session)
        harness.expire(session)
        assert not store.delete(record.key, record.index)

    def test_delete_leaves_the_session_and_its_other_records(self, harness: StoreHarness) -> None:
        """A session outlives any one of its records."""
        store = harness.handle()
        session = store.open_session()
        store.must_create(harness.key("b"), session)
        store.must_delete(store.must_create(harness.key("a"), session))
        assert store.renew_session(session) is not None
        assert store.listed(harness.prefix) == [harness.key("b")]
