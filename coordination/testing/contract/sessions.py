"""Rule 1: a session lives as long as it is renewed, and dies once."""

from __future__ import annotations

from coordination.record import Session
from coordination.testing.contract.base import Contract
from coordination.testing.harness import StoreHarness


class SessionRules(Contract):
    """What `open_session`, `renew_session` and `close_session` promise."""

    def test_the_granted_ttl_is_at_least_what_was_asked(self, harness: StoreHarness) -> None:
        """A session may live longer than asked for, never shorter."""
        assert harness.handle().open_session(harness.ttl).ttl >= harness.ttl

    def test_sessions_are_distinct(self, harness: StoreHarness) -> None:
        """No two sessions share an id, whichever handle opened them."""
        one, two = harness.handle(), harness.handle()
        assert len({handle.open_session().id for handle in (one, two, one, two)}) == 4

    def test_a_session_lives_without_renewal_until_its_ttl(self, harness: StoreHarness) -> None:
        """Nothing dies early: halfway through the ttl the record is there."""
        store = harness.handle()
        session = store.open_session(2 * harness.ttl)
        store.must_create(harness.key("a"), session)
        harness.let_pass(session.ttl / 2)
        assert store.read(harness.key("a")) is not None

    def test_a_renewed_session_outlives_its_first_ttl(self, harness: StoreHarness) -> None:
        """Renewals keep a session and its records for ever: another one, not renewed, dies meanwhile."""
        store = harness.handle()
        session, other = (store.open_session(2 * harness.ttl) for _ in range(2))
        store.must_create(harness.key("a"), session)

        def renew() -> None:
            assert store.renew_session(session) is not None, "a session renewed in time is lost"

        harness.expire(other, renew)
        assert store.read(harness.key("a")) is not None

    def test_a_renewal_answers_the_session_with_its_ttl(self, harness: StoreHarness) -> None:
        """The answer to a renewal is the same session and what is granted now."""
        store = harness.handle()
        session = store.open_session()
        renewed = store.renew_session(session)
        assert renewed is not None
        assert (renewed.id, renewed.ttl >= harness.long) == (session.id, True)

    def test_a_session_is_known_by_its_id_on_every_handle(self, harness: StoreHarness) -> None:
        """Another process renews a session with nothing but what a record shows of it."""
        one, two = harness.handle(), harness.handle()
        record = one.must_create(harness.key("a"), one.open_session())
        assert record.session is not None
        assert two.renew_session(Session(record.session, harness.long)) is not None

    def test_an_unrenewed_session_dies(self, harness: StoreHarness) -> None:
        """After its ttl and the store's slack, a renewal answers None."""
        store = harness.handle()
        session = store.open_session(harness.ttl)
        harness.expire(session)
        assert store.renew_session(session) is None

    def test_a_closed_session_is_dead(self, harness: StoreHarness) -> None:
        """After a close every renewal answers None."""
        store = harness.handle()
        session = store.open_session()
        store.close_session(session)
        assert store.renew_session(session) is None

    def test_a_late_renewal_never_revives(self, harness: StoreHarness) -> None:
        """Once dead, a session stays dead, and its record stays away, however often it is renewed."""
        store = harness.handle()
        session = store.open_session(harness.ttl)
        store.must_create(harness.key("a"), session)
        harness.expire(session)
        answers = [store.renew_session(session) for _ in range(3)]
        assert (answers, store.read(harness.key("a"))) == ([None] * 3, None)

    def test_closing_a_session_removes_all_its_records(self, harness: StoreHarness) -> None:
        """A close takes every record of the session along, at once."""
        store = harness.handle()
        session = store.open_session()
        for name in "abc":
            store.must_create(harness.key(name), session)
        store.close_session(session)
        assert store.listed(harness.prefix) == []

    def test_closing_works_through_another_handle(self, harness: StoreHarness) -> None:
        """A session can be ended by who did not open it."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        one.must_create(harness.key("a"), session)
        two.close_session(session)
        assert one.read(harness.key("a")) is None

    def test_closing_a_session_leaves_the_others(self, harness: StoreHarness) -> None:
        """A close touches no record of another session."""
        store = harness.handle()
        session, other = store.open_session(), store.open_session()
        store.must_create(harness.key("a"), session)
        store.must_create(harness.key("b"), other)
        store.close_session(session)
        assert store.listed(harness.prefix) == [harness.key("b")]

    def test_closing_a_dead_session_is_no_error(self, harness: StoreHarness) -> None:
        """Closing what expired, and closing twice, changes nothing."""
        store = harness.handle()
        session = store.open_session(harness.ttl)
        harness.expire(session)
        store.close_session(session)
        store.close_session(session)
        assert store.renew_session(session) is None

    def test_a_late_close_leaves_the_successors_record(self, harness: StoreHarness) -> None:
        """Who closes a session that expired does not remove what the next holder created."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session(harness.ttl)
        one.must_create(harness.key("a"), session)
        harness.expire(session)
        taken = two.must_create(harness.key("a"), two.open_session(), b"next")
        one.close_session(session)
        assert two.must_read(harness.key("a")).index == taken.index
