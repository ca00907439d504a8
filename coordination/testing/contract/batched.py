"""Batched renewals, for the stores that offer them: many at once, and each answer for itself."""

from __future__ import annotations

from collections.abc import Sequence

from coordination.clock import SystemClock
from coordination.errors import SessionLost, StoreError
from coordination.record import Record, Session
from coordination.store import BatchedRenewals, Swap
from coordination.testing.contract.base import Contract
from coordination.testing.handle import Handle
from coordination.testing.harness import StoreHarness

MANY = 300
"""More than any one request of a store is known to take: etcd's transactions end at 128 operations."""

HARDLY_ANY = 0.001
"""Seconds: a timeout that a store on a wire can seldom keep with an answer."""


class BatchedRenewalsContract(Contract):
    """Everything that `coordination.store.BatchedRenewals` promises."""

    def test_a_batch_writes_each_record(self, harness: StoreHarness) -> None:
        """The answers are the records as written, in the order of the swaps, and all can read them."""
        one, two = harness.handle(), harness.handle()
        records = _records(harness, one, "abc")
        written = _written(one.replace_all([_swap(record, record.key.encode()) for record in records]))
        assert [(now.key, now.value, now.session) for now in written] == [
            (record.key, record.key.encode(), record.session) for record in records
        ]
        assert [two.must_read(now.key).index for now in written] == [now.index for now in written]

    def test_a_batch_answers_in_order(self, harness: StoreHarness) -> None:
        """Also when the keys do not ascend and the answers differ: the middle one is the refused one."""
        store = harness.handle()
        c, a, b = _records(harness, store, "cab")
        answers = store.replace_all([_swap(c), Swap(a.key, b"stale", _on(a), a.index - 1), _swap(b)])
        keys = [answer.key if isinstance(answer, Record) else answer for answer in answers]
        assert keys == [c.key, None, b.key]

    def test_a_batch_moves_each_index(self, harness: StoreHarness) -> None:
        """By an equal value too, and `created` stays."""
        store = harness.handle()
        records = _records(harness, store, "abc")
        written = _written(store.replace_all([_swap(record, record.value) for record in records]))
        assert all(now.index > record.index for now, record in zip(written, records, strict=True))
        assert [now.created for now in written] == [record.created for record in records]

    def test_a_batch_at_a_stale_index_writes_nothing(self, harness: StoreHarness) -> None:
        """Where a record has moved the answer is None, and what is there stays."""
        one, two = harness.handle(), harness.handle()
        stolen, ours = _records(harness, one, "ab")
        two.must_replace(stolen, two.open_session(), b"thief")
        answers = one.replace_all([_swap(stolen, b"late"), _swap(ours, b"ours")])
        assert answers[0] is None
        assert two.must_read(stolen.key).value == b"thief"
        assert two.must_read(ours.key).value == b"ours"

    def test_a_batch_brings_back_nothing(self, harness: StoreHarness) -> None:
        """Where a record is gone the answer is None, and it stays gone."""
        store = harness.handle()
        gone, ours = _records(harness, store, "ab")
        store.must_delete(gone)
        answers = store.replace_all([_swap(gone), _swap(ours)])
        assert (answers[0], store.read(gone.key)) == (None, None)
        assert isinstance(answers[1], Record)

    def test_a_dead_session_is_an_answer(self, harness: StoreHarness) -> None:
        """`SessionLost` is returned for its own item; the others are written."""
        store = harness.handle()
        a, b, c = _records(harness, store, "abc")
        dead = store.open_session()
        store.close_session(dead)
        answers = store.replace_all([_swap(a), Swap(b.key, b"late", dead, b.index), _swap(c)])
        assert isinstance(answers[1], SessionLost)
        assert [now.key for now in _written([answers[0], answers[2]])] == [a.key, c.key]
        assert store.must_read(b.key).index == b.index

    def test_many_in_one_batch(self, harness: StoreHarness) -> None:
        """Three hundred records, more than one request takes, each on a session of its own."""
        store = harness.handle()
        records = _records(harness, store, [f"{number:03}" for number in range(MANY)])
        written = _written(store.replace_all([_swap(record) for record in records]))
        assert [now.key for now in written] == [record.key for record in records]
        assert all(now.index > record.index for now, record in zip(written, records, strict=True))
        renewed = store.renew_sessions([_on(record) for record in records])
        assert [_id(session) for session in renewed] == [record.session for record in records]

    def test_an_empty_batch_is_no_error(self, harness: StoreHarness) -> None:
        """Nothing to do is done at once."""
        store = harness.handle()
        assert list(store.replace_all([])) == []
        assert list(store.renew_sessions([])) == []

    def test_a_batch_renews_each_session(self, harness: StoreHarness) -> None:
        """Each gets its full ttl again, as granted now; what is left out dies."""
        store = harness.handle()
        *kept, left_out = (store.open_session(2 * harness.ttl) for _ in range(4))

        def renew() -> None:
            renewed = store.renew_sessions(kept)
            assert [_id(session) for session in renewed] == [session.id for session in kept]
            assert all(session.ttl > 0 for session in renewed if isinstance(session, Session))

        harness.expire(left_out, renew)
        assert store.renew_session(left_out) is None
        assert all(store.renew_session(session) is not None for session in kept)

    def test_a_dead_session_stays_dead_in_a_batch(self, harness: StoreHarness) -> None:
        """None for the closed and the expired one, again and again, and the living one is renewed."""
        store = harness.handle()
        closed, expired = store.open_session(), store.open_session(harness.ttl)
        store.close_session(closed)
        harness.expire(expired)
        living = store.open_session()
        for _ in range(2):
            answers = store.renew_sessions([closed, living, expired])
            assert [_id(answer) for answer in answers] == [None, living.id, None]

    def test_a_session_twice_in_a_batch(self, harness: StoreHarness) -> None:
        """Two records on one session: it is renewed twice, and both answers say so."""
        store = harness.handle()
        session, other = store.open_session(), store.open_session()
        one, two = (store.must_create(harness.key(name), session) for name in "ab")
        assert len(_written(store.replace_all([_swap(one), _swap(two)]))) == 2
        answers = store.renew_sessions([session, other, session])
        assert [_id(answer) for answer in answers] == [session.id, other.id, session.id]

    def test_a_batch_of_another_handles_sessions(self, harness: StoreHarness) -> None:
        """The storage is the truth: any handle may renew what another one opened."""
        one, two = harness.handle(), harness.handle()
        records = _records(harness, one, "abc")
        assert len(_written(two.replace_all([_swap(record) for record in records]))) == 3
        renewed = two.renew_sessions([_on(record) for record in records])
        assert [_id(session) for session in renewed] == [record.session for record in records]

    def test_a_batch_keeps_to_its_timeout(self, harness: StoreHarness) -> None:
        """With next to no time it answers for each item, soon; an error is an answer and not raised."""
        store, clock = harness.handle(), SystemClock()
        records = _records(harness, store, [f"{number:03}" for number in range(MANY)])
        batches = store.store
        assert isinstance(batches, BatchedRenewals)
        start = clock.now()
        answers = batches.replace_all([_swap(record) for record in records], timeout=HARDLY_ANY)
        renewed = batches.renew_sessions([_on(record) for record in records], timeout=HARDLY_ANY)
        assert clock.now() - start < harness.patience
        assert (len(answers), len(renewed)) == (MANY, MANY)
        assert all(isinstance(answer, Record | StoreError) for answer in answers)
        assert all(isinstance(answer, Session | StoreError) for answer in renewed)


def _records(harness: StoreHarness, store: Handle, names: Sequence[str]) -> list[Record]:
    """A record of each of these names, on a session of its own."""
    return [store.must_create(harness.key(name), store.open_session()) for name in names]


def _on(record: Record) -> Session:
    """The session that a record hangs on."""
    assert record.session is not None
    return Session(record.session, record.ttl or 0.0)


def _swap(record: Record, value: bytes = b"value") -> Swap:
    """A replace of a record as it was seen."""
    return Swap(record.key, value, _on(record), record.index)


def _written(answers: Sequence[object]) -> list[Record]:
    """The records, of answers that are known to be records."""
    records = [answer for answer in answers if isinstance(answer, Record)]
    assert len(records) == len(answers), answers
    return records


def _id(answer: object) -> str | None:
    """Which session was renewed; None if it is dead; the test fails if nobody can say."""
    assert answer is None or isinstance(answer, Session), answer
    return answer.id if isinstance(answer, Session) else None
