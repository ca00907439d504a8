"""Entering a queue: the record, and who was ahead of it in the same moment."""

from __future__ import annotations

import secrets

import pytest

from coordination.contention import Standing
from coordination.errors import SessionLost, ValueTooLarge
from coordination.testing.contract.base import Contract
from coordination.testing.handle import Handle
from coordination.testing.harness import StoreHarness
from coordination.testing.racing import race

RACERS = 8


class EnteringRules(Contract):
    """What `Queues.enter` promises."""

    def test_entering_writes_a_record(self, harness: StoreHarness) -> None:
        """It is what `create` would have written: all can read it, and its index deletes it."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session()
        record = one.must_enter(harness.contender("a", "me"), session, b"\xff").record
        seen = two.must_read(record.key)
        assert (seen.value, seen.session) == (b"\xff", session.id)
        assert (seen.created, seen.index) == (record.created, record.index)
        two.must_delete(record)
        assert one.read(record.key) is None

    def test_the_first_has_nobody_ahead(self, harness: StoreHarness) -> None:
        """An empty folder is a free lock; a lease of the same name is no contender."""
        store = harness.handle()
        session = store.open_session()
        store.must_create(harness.key("a"), session)
        assert store.must_enter(harness.contender("a", "me"), session).ahead == ()

    def test_entering_names_the_nearest_ahead(self, harness: StoreHarness) -> None:
        """The one created last comes first, whatever the keys' own order; others may follow it."""
        store = harness.handle()
        *ahead, last = queue(harness, store, "mzba")
        assert last.ahead[0] == ahead[-1].record.key
        nearest_first = [standing.record.key for standing in reversed(ahead)]
        assert list(last.ahead) == [key for key in nearest_first if key in last.ahead]
        created = [standing.record.created for standing in (*ahead, last)]
        assert created == sorted(set(created))

    def test_entering_under_a_taken_key_changes_nothing(self, harness: StoreHarness) -> None:
        """A live record has the key: None, for anybody's session, and it stays as it was."""
        store = harness.handle()
        session = store.open_session()
        first = store.must_enter(harness.contender("a", "me"), session, b"first")
        for other in (session, store.open_session()):
            assert store.enter(first.record.key, other, b"second") is None
        seen = store.must_read(first.record.key)
        assert (seen.value, seen.index) == (b"first", first.record.index)

    def test_entering_after_a_deletion_rises(self, harness: StoreHarness) -> None:
        """The key of one who left is free again, and the new `created` is greater."""
        store = harness.handle()
        session = store.open_session()
        first = store.must_enter(harness.contender("a", "me"), session)
        store.must_delete(first.record)
        again = store.must_enter(first.record.key, session)
        assert (again.record.created > first.record.created, again.ahead) == (True, ())

    def test_entering_alone_where_nobody_is(self, harness: StoreHarness) -> None:
        """Contenders for similar names, this name's past, and leases do not count."""
        store = harness.handle()
        session = store.open_session()
        store.must_create(harness.key("a"), session)
        for name in ("ab", "a/", "A", "a"):
            left = store.must_enter(harness.contender(name, "other"), session)
        store.must_delete(left.record)
        standing = store.enter(harness.contender("a", "me"), session, b"alone", alone=True)
        assert standing is not None
        assert standing.ahead == ()
        assert store.must_read(standing.record.key).value == b"alone"
        assert store.must_read(standing.record.key).created == standing.record.created

    def test_entering_alone_behind_somebody(self, harness: StoreHarness) -> None:
        """Either None, and nothing was written, or who is ahead: never the impression of being first."""
        store = harness.handle()
        session = store.open_session()
        first = store.must_enter(harness.contender("a", "first"), session)
        key = harness.contender("a", "me")
        standing = store.enter(key, session, alone=True)
        if standing is None:
            assert store.read(key) is None
        else:
            assert standing.ahead == (first.record.key,)
            assert store.must_stand(standing).ahead == (first.record.key,)

    def test_one_of_many_enters_alone(self, harness: StoreHarness) -> None:
        """Let loose at once, exactly one has nobody ahead."""
        stores = [harness.handle() for _ in range(RACERS)]
        sessions = [store.open_session() for store in stores]
        entered = race(
            [
                lambda store=store, session=session: store.enter(  # type: ignore[misc]
                    harness.contender("a", secrets.token_hex(4)), session, alone=True
                )
                for store, session in zip(stores, sessions, strict=True)
            ]
        )
        assert [it.ahead for it in entered if it and not it.ahead] == [()]

    def test_many_enter_one_behind_the_other(self, harness: StoreHarness) -> None:
        """Let loose at once, each has the one before it ahead, and the first one nobody."""
        stores = [harness.handle() for _ in range(RACERS)]
        sessions = [store.open_session() for store in stores]
        entered = race(
            [
                lambda store=store, session=session: store.must_enter(  # type: ignore[misc]
                    harness.contender("a", secrets.token_hex(4)), session
                )
                for store, session in zip(stores, sessions, strict=True)
            ]
        )
        entered.sort(key=lambda standing: standing.record.created)
        nearest = [standing.ahead[0] if standing.ahead else None for standing in entered]
        assert nearest == [None, *(standing.record.key for standing in entered[:-1])]

    def test_nobody_enters_on_a_dead_session(self, harness: StoreHarness) -> None:
        """`SessionLost`, closed or expired, alone or not, and nothing is written."""
        store = harness.handle()
        closed, expired = store.open_session(), store.open_session(harness.ttl)
        store.close_session(closed)
        harness.expire(expired)
        for session in (closed, expired):
            for alone in (False, True):
                with pytest.raises(SessionLost):
                    store.enter(harness.contender("a", "me"), session, alone=alone)
        assert store.listed(harness.queue("a")) == []

    def test_nobody_enters_with_too_large_a_value(self, harness: StoreHarness) -> None:
        """`ValueTooLarge`, and nothing is written."""
        store = harness.handle()
        with pytest.raises(ValueTooLarge):
            store.enter(
                harness.contender("a", "me"),
                store.open_session(),
                bytes(store.store.capabilities.largest_value + 1),
            )
        assert store.listed(harness.queue("a")) == []


def queue(harness: StoreHarness, store: Handle, contenders: str) -> list[Standing]:
    """These contenders for one name, in this order, on sessions of their own."""
    return [store.must_enter(harness.contender("a", it), store.open_session()) for it in contenders]
