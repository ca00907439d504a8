"""Rules 3 and 4: `index` moves at every write, `created` orders the contenders of a name."""

from __future__ import annotations

from coordination.record import Record
from coordination.testing.contract.base import Contract
from coordination.testing.harness import StoreHarness


class OrderRules(Contract):
    """What `index` and `created` promise; both only rise, by how much is not said."""

    def test_replace_raises_the_index(self, harness: StoreHarness) -> None:
        """Every write has a greater index than the one before."""
        store = harness.handle()
        session = store.open_session()
        records = [store.must_create(harness.key("a"), session)]
        for value in (b"1", b"2", b"3"):
            records.append(store.must_replace(records[-1], session, value))
        assert _rise([record.index for record in records])

    def test_an_equal_value_moves_the_index(self, harness: StoreHarness) -> None:
        """Writing the same bytes again is a write: whoever saw the old index is stale."""
        store = harness.handle()
        session = store.open_session()
        first = store.must_create(harness.key("a"), session, b"same")
        again = store.must_replace(first, session, b"same")
        assert again.index > first.index
        assert store.replace(first.key, b"stale", session, first.index) is None

    def test_replace_keeps_created(self, harness: StoreHarness) -> None:
        """A record keeps its place in the order through every rewrite by its session."""
        store = harness.handle()
        session = store.open_session()
        first = store.must_create(harness.key("a"), session)
        again = store.must_replace(first, session, b"again")
        assert (again.created, store.must_read(first.key).created) == (first.created, first.created)

    def test_moving_to_another_session_keeps_created(self, harness: StoreHarness) -> None:
        """A record also keeps its place when it changes hands."""
        one, two = harness.handle(), harness.handle()
        first = one.must_create(harness.key("a"), one.open_session())
        moved = two.must_replace(first, two.open_session())
        assert (moved.created, one.must_read(first.key).created) == (first.created, first.created)

    def test_reads_answer_what_the_write_answered(self, harness: StoreHarness) -> None:
        """`index` and `created` are the same in the answer to a write and in every read after it."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        written = one.must_replace(one.must_create(harness.key("a"), session), session)
        seen = [two.must_read(written.key), *two.list(written.key)]
        assert [(r.index, r.created) for r in seen] == [(written.index, written.created)] * 2

    def test_a_deleted_keys_next_index_is_greater(self, harness: StoreHarness) -> None:
        """Deleting a record does not make its numbers come again: tokens would repeat."""
        store = harness.handle()
        session = store.open_session()
        last = store.must_replace(store.must_create(harness.key("a"), session), session)
        store.must_delete(last)
        _assert_after(store.must_create(harness.key("a"), session), last)

    def test_an_expired_keys_next_index_is_greater(self, harness: StoreHarness) -> None:
        """Nor does its expiry."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session(2 * harness.ttl)
        last = one.must_replace(one.must_create(harness.key("a"), session), session)
        harness.expire(session)
        _assert_after(two.must_create(harness.key("a"), two.open_session()), last)

    def test_a_closed_keys_next_index_is_greater(self, harness: StoreHarness) -> None:
        """Nor does the end of its session."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        last = one.must_replace(one.must_create(harness.key("a"), session), session)
        one.close_session(session)
        _assert_after(two.must_create(harness.key("a"), two.open_session()), last)

    def test_contenders_are_ordered_by_created(self, harness: StoreHarness) -> None:
        """Who comes later to one name has a greater `created`, through whichever handle."""
        one, two = harness.handle(), harness.handle()
        created: list[int] = []
        for who in ("x", "c", "m", "a"):
            for store in (one, two):
                key = harness.contender("queue", f"{who}{len(created)}")
                created.append(store.must_create(key, store.open_session()).created)
        assert _rise(created)

    def test_a_rewrite_does_not_overtake(self, harness: StoreHarness) -> None:
        """Writes to one contender leave the order of all as it was."""
        store = harness.handle()
        session = store.open_session()
        first = store.must_create(harness.contender("queue", "first"), session)
        second = store.must_create(harness.contender("queue", "second"), session)
        store.must_replace(first, session, b"again")
        by_age = sorted(store.list(harness.queue("queue")), key=lambda record: record.created)
        assert [record.key for record in by_age] == [first.key, second.key]

    def test_a_new_contender_is_later_than_all_that_left(self, harness: StoreHarness) -> None:
        """Once n has been seen nothing lower appears, also when every contender was deleted."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        left = [one.must_create(harness.contender("queue", who), session) for who in "abc"]
        for record in left:
            one.must_delete(record)
        late = two.must_create(harness.contender("queue", "a"), two.open_session())
        assert late.created > max(record.created for record in left)

    def test_a_new_contender_is_later_than_all_that_expired(self, harness: StoreHarness) -> None:
        """Nor when the sessions of all of them died."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session(2 * harness.ttl)
        left = [one.must_create(harness.contender("queue", who), session) for who in "abc"]
        harness.expire(session)
        late = two.must_create(harness.contender("queue", "d"), two.open_session())
        assert late.created > max(record.created for record in left)


def _rise(numbers: list[int]) -> bool:
    return numbers == sorted(set(numbers))


def _assert_after(fresh: Record, last: Record) -> None:
    assert fresh.index > last.index
    assert fresh.created > last.created
