"""Atomicity: threads on two handles let loose at once, on free, live and expired records."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from coordination.record import Record, Session
from coordination.testing.contract.base import Contract
from coordination.testing.handle import Handle
from coordination.testing.harness import StoreHarness
from coordination.testing.racing import race

RACERS = 6
ROUNDS = 8


class RaceRules(Contract):
    """What the calls promise to callers that come at the same moment."""

    def test_one_of_many_creates_a_free_record(self, harness: StoreHarness) -> None:
        """Whoever races for a free key, exactly one gets it, and the record is that one's."""
        racers = _racers(harness)
        for name in _names():
            _assert_one_creator(harness.key(name), racers)

    def test_one_of_many_creates_an_expired_record(self, harness: StoreHarness) -> None:
        """The same where every key carries what its dead holder left."""
        holder = harness.handle()
        session = holder.open_session(3 * harness.ttl)
        for name in _names():
            holder.must_create(harness.key(name), session, b"dead")
        harness.expire(session)
        racers = _racers(harness)
        for name in _names():
            _assert_one_creator(harness.key(name), racers)

    def test_one_of_many_replaces_a_record(self, harness: StoreHarness) -> None:
        """Of all that saw the same index, exactly one writes over it."""
        racers = _racers(harness)
        owner, session = racers[0]
        record = owner.must_create(harness.key("a"), session)
        for _ in range(ROUNDS):
            replace = [partial(s.replace, record.key, i.id.encode(), i, record.index) for s, i in racers]
            (record,) = [won for won in race(replace) if won is not None]
            assert owner.must_read(record.key).value.decode() == record.session

    def test_nobody_replaces_an_expired_record(self, harness: StoreHarness) -> None:
        """However many race for it, what expired at an index cannot be stolen at that index."""
        store = harness.handle()
        session = store.open_session(harness.ttl)
        dead = store.must_create(harness.key("a"), session)
        harness.expire(session)
        replace = [partial(s.replace, dead.key, b"", i, dead.index) for s, i in _racers(harness)]
        assert race(replace) == [None] * RACERS

    def test_either_the_delete_or_the_replace_wins(self, harness: StoreHarness) -> None:
        """A release that races with a steal: one of the two happens, never both and never none."""
        (one, session), (two, thief), *_ = _racers(harness)
        for name in _names():
            record = one.must_create(harness.key(name), session)
            delete: Callable[[], object] = partial(one.delete, record.key, record.index)
            steal: Callable[[], object] = partial(two.replace, record.key, b"", thief, record.index)
            deleted, moved = race([delete, steal])
            assert bool(deleted) is not bool(moved)
            assert (one.read(record.key) is None) is bool(deleted)

    def test_no_update_is_lost(self, harness: StoreHarness) -> None:
        """A counter kept by read and replace counts every replace that was answered with a record."""
        racers = _racers(harness)
        store, session = racers[0]
        key = store.must_create(harness.key("a"), session, b"0").key
        counted = race([partial(_count_up, handle, session, key) for handle, _ in racers])
        assert int(store.must_read(key).value) == sum(counted) > 0

    def test_contenders_at_once_are_still_ordered(self, harness: StoreHarness) -> None:
        """However many enqueue at the same moment, no two share a `created`."""
        racers = _racers(harness)
        keys = [harness.contender("queue", session.id) for _, session in racers]
        race([partial(s.create, key, b"", i) for key, (s, i) in zip(keys, racers, strict=True)])
        created = {record.created for record in racers[0][0].list(harness.queue("queue"))}
        assert len(created) == RACERS

    def test_a_renewal_races_with_the_takeover(self, harness: StoreHarness) -> None:
        """When a session's time is up, either it is renewed or its record is taken, never both."""
        one, two = harness.handle(), harness.handle()
        session = one.open_session(harness.ttl)
        one.must_create(harness.key("a"), session)
        harness.let_pass(session.ttl)
        taker = two.open_session()
        renew: Callable[[], object] = partial(one.renew_session, session)
        take: Callable[[], object] = partial(two.create, harness.key("a"), b"", taker)
        renewed, taken = race([renew, take])
        assert not (renewed and taken)
        assert not taken or one.renew_session(session) is None


def _names() -> list[str]:
    return [f"round-{number}" for number in range(ROUNDS)]


def _racers(harness: StoreHarness) -> list[tuple[Handle, Session]]:
    """As many sessions, on two handles by turns."""
    handles = [harness.handle(), harness.handle()]
    return [(handle, handle.open_session()) for handle in handles * (RACERS // 2)]


def _assert_one_creator(key: str, racers: list[tuple[Handle, Session]]) -> None:
    create = [partial(handle.create, key, b"", session) for handle, session in racers]
    winners: list[Record] = [won for won in race(create) if won is not None]
    assert len(winners) == 1, f"{len(winners)} of {len(racers)} created {key!r}"
    assert racers[0][0].must_read(key).session == winners[0].session


def _count_up(handle: Handle, session: Session, key: str) -> int:
    """Try to add one, several times; how often it worked."""
    counted = 0
    for _ in range(ROUNDS):
        seen = handle.must_read(key)
        value = str(int(seen.value) + 1).encode()
        counted += handle.replace(key, value, session, seen.index) is not None
    return counted
