"""Watches: a hint for each change, never a missed one; when it comes is the store's business."""

from __future__ import annotations

from coordination.testing.contract.base import Contract
from coordination.testing.handle import Watching
from coordination.testing.harness import StoreHarness


class WatchRules(Contract):
    """What `watch` promises. Changes may be folded and told twice; each is told at least once."""

    def test_a_watch_tells_of_a_create(self, harness: StoreHarness) -> None:
        """A record that appears is told, with an index that a read then shows or has passed."""
        one, two = harness.handle(), harness.handle()
        watching = one.watch(harness.prefix, 0)
        two.must_create(harness.key("a"), two.open_session())
        _assert_told(harness, watching, "a")
        key, index = watching.told[-1]
        assert one.must_read(key).index >= index

    def test_a_watch_tells_of_a_replace(self, harness: StoreHarness) -> None:
        """A rewrite is told, also one with an equal value."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        record = two.must_create(harness.key("a"), session, b"same")
        watching = one.watch(harness.prefix, record.index)
        two.must_replace(record, session, b"same")
        _assert_told(harness, watching, "a")

    def test_a_watch_tells_of_a_record_that_changes_hands(self, harness: StoreHarness) -> None:
        """A holder that watches its key learns that it was stolen."""
        holder, thief = harness.handle(), harness.handle()
        record = holder.must_create(harness.key("a"), holder.open_session())
        watching = holder.watch(record.key, record.index)
        thief.must_replace(record, thief.open_session())
        _assert_told(harness, watching, "a")

    def test_a_watch_tells_of_a_delete(self, harness: StoreHarness) -> None:
        """A record that is deleted is told."""
        one, two = harness.handle(), harness.handle()
        record = two.must_create(harness.key("a"), two.open_session())
        watching = one.watch(record.key, record.index)
        two.must_delete(record)
        _assert_told(harness, watching, "a")

    def test_a_watch_tells_of_a_closed_sessions_records(self, harness: StoreHarness) -> None:
        """Every record that goes with its session is told."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        records = [two.must_create(harness.key(name), session) for name in "ab"]
        watching = one.watch(harness.prefix, records[-1].index)
        two.close_session(session)
        _assert_told(harness, watching, "a", "b")

    def test_a_watch_tells_of_expiry_if_it_says_so(self, harness: StoreHarness) -> None:
        """Where the store declares `notices_expiry`, an expired record is told; reads agree anyway."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session(harness.ttl)
        record = two.must_create(harness.key("a"), session)
        watching = one.watch(record.key, record.index)
        harness.expire(session)
        if one.store.capabilities.notices_expiry:
            _assert_told(harness, watching, "a")
        assert one.read(record.key) is None

    def test_a_watch_catches_up_on_writes(self, harness: StoreHarness) -> None:
        """A write between the caller's read and its watch is told, for `after` is older."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        seen = two.must_create(harness.key("a"), session)
        two.must_replace(seen, session)
        _assert_told(harness, one.watch(seen.key, seen.index), "a")

    def test_a_watch_catches_up_on_deletes(self, harness: StoreHarness) -> None:
        """So is a delete between the two."""
        one, two = harness.handle(), harness.handle()
        seen = two.must_create(harness.key("a"), two.open_session())
        two.must_delete(seen)
        _assert_told(harness, one.watch(seen.key, seen.index), "a")

    def test_a_watch_goes_on_after_it_told(self, harness: StoreHarness) -> None:
        """One watch tells of one change after the other."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        watching = one.watch(harness.prefix, 0)
        for name in "abc":
            two.must_create(harness.key(name), session)
            _assert_told(harness, watching, name)

    def test_a_watch_is_bounded_by_its_prefix(self, harness: StoreHarness) -> None:
        """What lies outside the prefix is not told."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        watching = one.watch(harness.queue("a"), 0)
        for name in ("ab", "a/", "A", "a"):
            two.must_create(harness.contender(name, "me"), session)
        inside = harness.contender("a", "me")
        assert harness.eventually(lambda: inside in watching.keys)
        assert watching.keys == {inside}

    def test_what_comes_and_goes_is_told(self, harness: StoreHarness) -> None:
        """A record that is gone again before anybody looked was a change all the same."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        two.must_delete(two.must_create(harness.key("a"), session))  # Whatever the store keeps for the name.
        watching = one.watch(harness.key("a"), 0)
        settled = len(watching.told)
        two.must_delete(two.must_create(harness.key("a"), session))
        assert harness.eventually(lambda: len(watching.told) > settled)

    def test_two_watches_are_both_told(self, harness: StoreHarness) -> None:
        """Watches of one handle do not take each other's changes."""
        one, two = harness.handle(), harness.handle()
        both = [one.watch(harness.prefix, 0), one.watch(harness.key("a"), 0)]
        two.must_create(harness.key("a"), two.open_session())
        for watching in both:
            _assert_told(harness, watching, "a")

    def test_a_closed_watch_is_told_nothing_more(self, harness: StoreHarness) -> None:
        """After its close a watch stays silent, while another goes on; closing twice is no error."""
        one, two = harness.handle(), harness.handle()
        closed, open_ = one.watch(harness.prefix, 0), one.watch(harness.prefix, 0)
        closed.close()
        closed.close()
        two.must_create(harness.key("a"), two.open_session())
        _assert_told(harness, open_, "a")
        assert closed.told == []


def _assert_told(harness: StoreHarness, watching: Watching, *names: str) -> None:
    wanted = {harness.key(name) for name in names}
    told = harness.eventually(lambda: wanted <= watching.keys)
    assert told, f"told of {watching.keys} within {harness.patience} s, not of all of {wanted}"
