"""Proofs, for the stores that offer them: many records of one session, and what else hangs on it."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.clock import SystemClock
from coordination.contention import Proof, Proofs
from coordination.errors import StoreError
from coordination.record import Record, Session
from coordination.testing.contract.base import Contract
from coordination.testing.handle import Handle
from coordination.testing.harness import StoreHarness

MANY = 300
"""More than any one request of a store is known to take: etcd's transactions end at 128 operations."""

HARDLY_ANY = 0.001
"""Seconds: a timeout that a store on a wire can seldom keep with an answer."""

NOTHING = Proof(frozenset(), {})


class GoneRules(Contract):
    """What a proof says of the records that are expected."""

    def test_what_is_there_is_proven(self, harness: StoreHarness) -> None:
        """Nothing is gone, nothing is strange; also for a session with nothing on it."""
        one, two = harness.handle(), harness.handle()
        session, records = _held(harness, one, "abc")
        assert two.prove(session, _expected(records)) == NOTHING
        assert two.prove(one.open_session(), {}) == NOTHING

    def test_a_deleted_record_is_gone(self, harness: StoreHarness) -> None:
        """That one, and no other; again and again."""
        one, two = harness.handle(), harness.handle()
        session, records = _held(harness, one, "abc")
        two.must_delete(records[1])
        for _ in range(3):
            assert one.prove(session, _expected(records)) == Proof(frozenset({records[1].key}), {})

    def test_a_record_that_moved_is_gone(self, harness: StoreHarness) -> None:
        """It hangs on a thief's session now, `created` as ever; it is a stray of neither."""
        one, two = harness.handle(), harness.handle()
        session, records = _held(harness, one, "abc")
        thief = two.open_session()
        two.must_replace(records[1], thief)
        assert one.prove(session, _expected(records)) == Proof(frozenset({records[1].key}), {})
        assert one.prove(thief, {records[1].key: records[1].created}) == NOTHING

    def test_a_record_created_anew_is_gone(self, harness: StoreHarness) -> None:
        """Under the same key and on the same session there is another one now."""
        one, two = harness.handle(), harness.handle()
        session, records = _held(harness, one, "abc")
        two.must_delete(records[1])
        again = two.must_create(records[1].key, session)
        assert records[1].key in one.prove(session, _expected(records)).gone
        assert one.prove(session, _expected([records[0], again, records[2]])) == NOTHING

    def test_a_record_that_never_was_is_gone(self, harness: StoreHarness) -> None:
        """So is one that hangs on another session, and always did."""
        store = harness.handle()
        session, records = _held(harness, store, "a")
        _, others = _held(harness, store, "b")
        expected = {**_expected(records), **_expected(others), harness.contender("never", "me"): 7}
        assert store.prove(session, expected).gone == expected.keys() - {records[0].key}

    def test_a_rewritten_record_is_not_gone(self, harness: StoreHarness) -> None:
        """Its index moved, `created` and session did not."""
        store = harness.handle()
        session, records = _held(harness, store, "ab")
        store.must_replace(records[0], session)
        assert store.prove(session, _expected(records)) == NOTHING

    def test_on_a_dead_session_everything_is_gone(self, harness: StoreHarness) -> None:
        """Closed or expired: all that was expected, and nothing else is said."""
        store = harness.handle()
        closed, expired = store.open_session(), store.open_session(2 * harness.ttl)
        for session in (closed, expired):
            records = [store.must_create(harness.contender(name, session.id), session) for name in "ab"]
            if session is closed:
                store.close_session(session)
            else:
                harness.expire(session)
            expected = _expected(records)
            assert store.prove(session, expected, expected) == Proof(frozenset(expected), {})

    def test_many_records_are_proven(self, harness: StoreHarness) -> None:
        """What one request cannot look at, others do; the gone are found wherever they stand."""
        one, two = harness.handle(), harness.handle()
        session, records = _held(harness, one, [f"{number:03}" for number in range(MANY)])
        assert one.prove(session, _expected(records)) == NOTHING
        gone = [records[number] for number in (0, MANY // 2, MANY - 1)]
        for record in gone:
            two.must_delete(record)
        assert one.prove(session, _expected(records)).gone == {record.key for record in gone}

    def test_a_proof_keeps_to_its_timeout(self, harness: StoreHarness) -> None:
        """With next to no time it answers or raises a `StoreError`, soon."""
        store, clock = harness.handle(), SystemClock()
        session, records = _held(harness, store, [f"{number:03}" for number in range(MANY)])
        proofs = store.store
        assert isinstance(proofs, Proofs)
        start = clock.now()
        try:
            assert proofs.prove(session, _expected(records), frozenset(), timeout=HARDLY_ANY) == NOTHING
        except StoreError:
            pass
        assert clock.now() - start < harness.patience


class StrayRules(Contract):
    """What a proof says of everything else on the session."""

    def test_a_doubtful_record_that_is_there_is_a_stray(self, harness: StoreHarness) -> None:
        """It is named with its index, which deletes it, however often it was written."""
        store = harness.handle()
        session, records = _held(harness, store, "abc")
        moved = store.must_replace(records[2], session)
        doubtful = [records[1].key, moved.key]
        proof = store.prove(session, _expected(records[:1]), doubtful)
        assert proof == Proof(frozenset(), {records[1].key: records[1].index, moved.key: moved.index})
        assert all(store.delete(key, index) for key, index in proof.strays.items())
        assert store.prove(session, _expected(records[:1]), doubtful) == NOTHING

    def test_a_doubtful_record_that_is_not_there_is_nothing(self, harness: StoreHarness) -> None:
        """Never written, deleted, or somebody else's: not a stray, and not gone either."""
        store = harness.handle()
        session, records = _held(harness, store, "ab")
        _, others = _held(harness, store, "c")
        store.must_delete(records[1])
        doubtful = [harness.contender("never", "me"), records[1].key, others[0].key]
        assert store.prove(session, _expected(records[:1]), doubtful) == NOTHING
        assert store.must_read(others[0].key).index == others[0].index

    def test_what_is_expected_is_no_stray(self, harness: StoreHarness) -> None:
        """Also if it is doubtful besides."""
        store = harness.handle()
        session, records = _held(harness, store, "ab")
        assert store.prove(session, _expected(records), [records[0].key]) == NOTHING

    def test_nobody_elses_record_is_a_stray(self, harness: StoreHarness) -> None:
        """A store names what hangs on this session beside what is expected, or nothing; never more."""
        store = harness.handle()
        session, records = _held(harness, store, "ab")
        _held(harness, store, "c")
        strays = store.prove(session, _expected(records[:1])).strays
        assert strays in ({}, {records[1].key: records[1].index})

    def test_many_doubtful_records(self, harness: StoreHarness) -> None:
        """More than one request takes; each one that is there is named."""
        store = harness.handle()
        session, records = _held(harness, store, [f"{number:03}" for number in range(MANY)])
        never = [harness.contender(f"never {number}", "me") for number in range(MANY)]
        proof = store.prove(session, {}, [*(record.key for record in records), *never])
        assert proof == Proof(frozenset(), {record.key: record.index for record in records})


class ProofsContract(GoneRules, StrayRules):
    """Everything that `coordination.contention.Proofs` promises."""


def _held(harness: StoreHarness, store: Handle, names: Sequence[str]) -> tuple[Session, list[Record]]:
    """A session, and a contender for each of these names on it."""
    session = store.open_session()
    return session, [store.must_create(harness.contender(name, session.id), session) for name in names]


def _expected(records: Sequence[Record]) -> dict[str, int]:
    return {record.key: record.created for record in records}
