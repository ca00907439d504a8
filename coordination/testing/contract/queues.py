"""Queues, for the stores that offer them: who is ahead, in the same breath as the own record."""

from __future__ import annotations

from coordination.testing.contract.base import Contract
from coordination.testing.contract.entering import EnteringRules, queue
from coordination.testing.harness import StoreHarness


class StandingRules(Contract):
    """What `Queues.standing` promises."""

    def test_who_comes_later_is_not_ahead(self, harness: StoreHarness) -> None:
        """Another handle sees the same: the first stays first, its record as it was."""
        one, two = harness.handle(), harness.handle()
        first = queue(harness, one, "mba")[0]
        now = two.must_stand(first)
        assert now.ahead == ()
        assert (now.record.key, now.record.created) == (first.record.key, first.record.created)

    def test_standing_names_the_nearest_ahead(self, harness: StoreHarness) -> None:
        """Who went is not ahead any more: the one before is, and in the end nobody."""
        one, two = harness.handle(), harness.handle()
        first, second, third, last = queue(harness, one, "mzba")
        assert one.must_stand(last).ahead[0] == third.record.key
        two.must_delete(second.record)
        assert one.must_stand(last).ahead[0] == third.record.key
        two.must_delete(third.record)
        assert one.must_stand(last).ahead == (first.record.key,)
        two.must_delete(first.record)
        assert one.must_stand(last).ahead == ()

    def test_other_names_are_not_ahead(self, harness: StoreHarness) -> None:
        """Whatever they begin with, and whoever holds a lease of that name."""
        store = harness.handle()
        session = store.open_session()
        store.must_create(harness.key("a"), session)
        for name in ("ab", "a/", "A"):
            store.must_enter(harness.contender(name, "other"), session)
        mine = store.must_enter(harness.contender("a", "me"), session)
        assert (mine.ahead, store.must_stand(mine).ahead) == ((), ())

    def test_the_dead_are_not_ahead(self, harness: StoreHarness) -> None:
        """Neither one whose session expired nor one whose session was closed, on entering and later."""
        store = harness.handle()
        closed, expired, lasting = store.open_session(), store.open_session(harness.ttl), store.open_session()
        store.must_enter(harness.contender("a", "z"), expired)
        store.must_enter(harness.contender("a", "y"), closed)
        before = store.must_enter(harness.contender("a", "x"), lasting)
        store.close_session(closed)
        harness.expire(expired)
        assert store.must_stand(before).ahead == ()
        assert store.must_enter(harness.contender("a", "w"), lasting).ahead == (before.record.key,)

    def test_a_deleted_contender_stands_nowhere(self, harness: StoreHarness) -> None:
        """None, whoever else is there."""
        one, two = harness.handle(), harness.handle()
        _, second, _ = queue(harness, one, "mba")
        two.must_delete(second.record)
        assert one.standing(second) is None

    def test_a_dead_contender_stands_nowhere(self, harness: StoreHarness) -> None:
        """None once its session was closed, or has expired."""
        store = harness.handle()
        closed, expired = store.open_session(), store.open_session(harness.ttl)
        gone = [
            store.must_enter(harness.contender("a", "x"), expired),
            store.must_enter(harness.contender("a", "y"), closed),
        ]
        store.close_session(closed)
        harness.expire(expired)
        assert [store.standing(standing) for standing in gone] == [None, None]

    def test_another_record_under_its_key_is_not_it(self, harness: StoreHarness) -> None:
        """Created anew, at the same session even, it is somebody else's."""
        store = harness.handle()
        session = store.open_session()
        mine = store.must_enter(harness.contender("a", "me"), session)
        store.must_delete(mine.record)
        other = store.must_enter(mine.record.key, session)
        assert store.standing(mine) is None
        assert store.must_stand(other).ahead == ()


class QueuesContract(EnteringRules, StandingRules):
    """Everything that `coordination.contention.Queues` promises."""
