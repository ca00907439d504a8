"""Rule 2 for readers: what `read` and `list` answer, and that names do not interfere."""

from __future__ import annotations

from coordination.record import LEASES, prefix_of
from coordination.testing.contract.base import Contract
from coordination.testing.harness import StoreHarness

ODD_NAMES = ("a", "ab", "a/", "a/b", "A", "a%2Fb", "a b", "a.b", "..", "ä", "\N{SNOWMAN}", "con", "n" * 255)
"""Names that sloppy prefixes, sloppy encodings and case-blind file systems confuse."""


class ReadRules(Contract):
    """What `read` and `list` promise."""

    def test_read_of_nothing_answers_none(self, harness: StoreHarness) -> None:
        """A key that was never written has no record."""
        assert harness.handle().read(harness.key("a")) is None

    def test_read_sees_the_last_write_of_another_handle(self, harness: StoreHarness) -> None:
        """Reads are linearizable: they never answer what was true before a write that ended."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        record = one.must_create(harness.key("a"), session, b"0")
        for value in (b"1", b"2", b"3"):
            record = one.must_replace(record, session, value)
            assert two.must_read(harness.key("a")).value == value

    def test_read_of_an_expired_record_answers_none(self, harness: StoreHarness) -> None:
        """Records of dead sessions appear in no read, through whichever handle."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session(harness.ttl)
        one.must_create(harness.key("a"), session)
        harness.expire(session)
        assert two.read(harness.key("a")) is None

    def test_list_leaves_out_expired_records(self, harness: StoreHarness) -> None:
        """Records of dead sessions appear in no list."""
        one, two = harness.handle(), harness.handle()
        dead, live = one.open_session(harness.ttl), two.open_session()
        one.must_create(harness.key("dead"), dead)
        two.must_create(harness.key("live"), live)
        harness.expire(dead)
        assert two.listed(harness.prefix) == [harness.key("live")]

    def test_list_of_nothing_is_empty(self, harness: StoreHarness) -> None:
        """No record, no entry, no error."""
        assert harness.handle().listed(harness.prefix) == []

    def test_list_answers_records_by_key(self, harness: StoreHarness) -> None:
        """A list is sorted by key, whatever the order of creation, one entry for each record."""
        store = harness.handle()
        session = store.open_session()
        for name in ("b", "c", "a"):
            store.must_replace(store.must_create(harness.key(name), session), session)
        assert store.listed(harness.prefix) == [harness.key(name) for name in "abc"]

    def test_list_answers_the_same_records_as_read(self, harness: StoreHarness) -> None:
        """An entry of a list has the value, numbers and session that a read answers."""
        store = harness.handle()
        record = store.must_create(harness.key("a"), store.open_session(), b"listed")
        (listed,) = store.list(harness.prefix)
        read = store.must_read(record.key)
        shown = (listed.value, listed.index, listed.created, listed.session)
        assert shown == (read.value, read.index, read.created, read.session)

    def test_list_is_bounded_by_its_prefix(self, harness: StoreHarness) -> None:
        """A prefix of a name lists exactly the names that start with it."""
        store = harness.handle()
        session = store.open_session()
        for name in ("a", "ab", "a/c", "b", "ba"):
            store.must_create(harness.key(name), session)
        listed = store.listed(prefix_of(harness.namespace, LEASES, "a"))
        assert set(listed) == {harness.key(name) for name in ("a", "ab", "a/c")}

    def test_contenders_of_similar_names_do_not_mix(self, harness: StoreHarness) -> None:
        """The queue of `a` holds nobody who queues for `ab`, `a/` or `a/b`."""
        store = harness.handle()
        session = store.open_session()
        for name in ("a", "ab", "a/", "a/b", "A"):
            store.must_create(harness.contender(name, "me"), session)
        assert store.listed(harness.queue("a")) == [harness.contender("a", "me")]

    def test_odd_names_are_records_of_their_own(self, harness: StoreHarness) -> None:
        """Every name is readable back, and none reaches into another's record."""
        store = harness.handle()
        session = store.open_session()
        for name in ODD_NAMES:
            store.must_create(harness.key(name), session, name.encode())
        assert [store.must_read(harness.key(name)).value.decode() for name in ODD_NAMES] == list(ODD_NAMES)

    def test_deleting_a_name_leaves_similar_ones(self, harness: StoreHarness) -> None:
        """A delete concerns one key, not those that start with it."""
        store = harness.handle()
        session = store.open_session()
        records = {name: store.must_create(harness.key(name), session) for name in ("a", "ab", "a/", "A")}
        store.must_delete(records["a"])
        kept = {harness.key(name) for name in ("ab", "a/", "A")}
        assert set(store.listed(harness.prefix)) == kept

    def test_time_left_is_no_longer_than_the_ttl(self, harness: StoreHarness) -> None:
        """Where a store knows the time left, it is not negative and at most the ttl it shows."""
        store = harness.handle()
        session = store.open_session()
        store.must_create(harness.key("a"), session)
        harness.let_pass(harness.ttl / 2)
        record = store.must_read(harness.key("a"))
        assert record.ttl in (None, session.ttl)
        assert record.time_left is None or 0 <= record.time_left <= session.ttl
