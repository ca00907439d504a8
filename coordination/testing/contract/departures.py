"""Departures, for the stores that tell of them: everybody who leaves a folder, and nobody else."""

from __future__ import annotations

from coordination.testing.contract.base import Contract
from coordination.testing.handle import Leaving
from coordination.testing.harness import StoreHarness


class DeparturesContract(Contract):
    """Everything that `coordination.contention.Departures` promises. A departure may be told twice.

    Instead of a key the folder may be told: then its subscriber looks at all of it.
    """

    def test_a_deletion_is_a_departure(self, harness: StoreHarness) -> None:
        """Whoever deleted it, it is told; and one after the other."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        leaving = one.departures(harness.queue("a"))
        for contender in "mz":
            entered = one.must_create(harness.contender("a", contender), session)
            two.must_delete(entered)
            _assert_told(harness, leaving, contender)

    def test_who_goes_with_a_closed_session_departs(self, harness: StoreHarness) -> None:
        """Every record that went with it is told."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        for contender in "xy":
            two.must_create(harness.contender("a", contender), session)
        leaving = one.departures(harness.queue("a"))
        two.close_session(session)
        _assert_told(harness, leaving, "x", "y")

    def test_who_expires_departs_if_that_is_noticed(self, harness: StoreHarness) -> None:
        """Where the store declares `notices_expiry`, it is told; it is gone anyway."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session(harness.ttl)
        record = two.must_create(harness.contender("a", "me"), session)
        leaving = one.departures(harness.queue("a"))
        harness.expire(session)
        if one.store.capabilities.notices_expiry:
            _assert_told(harness, leaving, "me")
        assert one.read(record.key) is None

    def test_arrivals_are_not_departures(self, harness: StoreHarness) -> None:
        """Nobody is told of those who come and stay: a queue of waiters would be woken for nothing."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        leaving = one.departures(harness.queue("a"))
        stays, goes, late = (two.must_create(harness.contender("a", it), session) for it in "xyz")
        two.must_delete(goes)
        _assert_told(harness, leaving, "y")
        assert {stays.key, late.key}.isdisjoint(leaving.told)

    def test_other_folders_are_not_told(self, harness: StoreHarness) -> None:
        """Whatever their names begin with: not the longer, not the shorter, not another kind's."""
        one, two = harness.handle(), harness.handle()
        session = two.open_session()
        leaving = one.departures(harness.queue("ab"))
        others = [
            two.must_create(harness.contender(name, "me"), session) for name in ("a", "abc", "ab/", "AB")
        ]
        others.append(two.must_create(harness.key("ab"), session))
        for record in [*others, two.must_create(harness.contender("ab", "me"), session)]:
            two.must_delete(record)
        inside = harness.contender("ab", "me")
        assert harness.eventually(lambda: bool({inside, harness.queue("ab")} & set(leaving.told)))
        assert set(leaving.told) <= {inside, harness.queue("ab")}

    def test_each_subscriber_is_told(self, harness: StoreHarness) -> None:
        """Two on one handle and one on another do not take each other's departures."""
        one, two = harness.handle(), harness.handle()
        record = two.must_create(harness.contender("a", "me"), two.open_session())
        all_of_them = [store.departures(harness.queue("a")) for store in (one, one, two)]
        two.must_delete(record)
        for leaving in all_of_them:
            _assert_told(harness, leaving, "me")

    def test_nothing_is_told_after_the_close(self, harness: StoreHarness) -> None:
        """It stays silent while another one is told; closing twice is no error."""
        one, two = harness.handle(), harness.handle()
        record = two.must_create(harness.contender("a", "me"), two.open_session())
        closed, open_ = one.departures(harness.queue("a")), one.departures(harness.queue("a"))
        closed.close()
        closed.close()
        two.must_delete(record)
        _assert_told(harness, open_, "me")
        assert closed.told == []


def _assert_told(harness: StoreHarness, leaving: Leaving, *contenders: str) -> None:
    wanted, folder = {harness.contender("a", it) for it in contenders}, harness.queue("a")
    told = harness.eventually(lambda: folder in leaving.told or wanted <= set(leaving.told))
    assert told, f"told of {leaving.told} within {harness.patience} s, not of all of {wanted}"
