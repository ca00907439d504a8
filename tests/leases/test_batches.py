"""Batches: many leases are renewed by few requests, and each is still a lease of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import pytest

from coordination import Lease, connect
from coordination.store import Store
from coordination.testing import FakeClock
from tests.leases.batching import Fleet, fleet, key
from tests.leases.world import PERIOD, eventually, got


@pytest.mark.untraced
def test_a_thousand_leases_cost_few_calls(many: Fleet) -> None:
    """Three beats of each of them: its index moves at each, and one call renews a hundred at least."""
    many.keep(1000, period=30.0)
    for _ in range(3):
        before, now = many.indexes, many.clock.now()
        many.live(10.1)
        assert all(index > old for index, old in zip(many.indexes, before, strict=True))
        assert all(lease.deadline > now + 30.0 for lease in many.leases)
    beats = sum(len(batch) for batch in many.store.batches)
    assert beats >= 3000
    assert len(many.store.calls) <= 2 * beats / 100
    assert {name for name, _ in many.store.calls} == {"replace_all", "renew_sessions"}
    assert many.told == {}


def test_one_lease_is_renewed_by_itself(many: Fleet) -> None:
    """A batch of one would be no gain: two single calls, as on a store without batches."""
    (lease,) = many.keep(1)
    many.live(PERIOD / 3 + 0.1)
    assert many.store.calls == [("replace", 1), ("renew_session", 1)]
    assert lease.deadline > many.clock.now() + PERIOD / 2


def test_the_news_of_our_own_writes_costs_no_read(many: Fleet) -> None:
    """The watch tells of each write of a batch before its answer is in; that is no reason to look."""
    many.keep(50)
    many.live(2 * PERIOD)
    assert many.store.count("replace_all") >= 4
    assert many.store.count("read") == 0


def test_who_is_due_at_about_the_same_time_shares_a_batch(many: Fleet) -> None:
    """A hundred leases kept in the course of two seconds need few batches a period, not hundreds."""
    for _ in range(10):
        many.keep(10)
        many.clock.advance(0.2)
    many.live(3 * PERIOD)
    many.store.batches.clear()
    many.live(PERIOD)
    assert sum(len(batch) for batch in many.store.batches) >= 200
    assert len(many.store.batches) <= 15


def test_the_beats_of_different_managers_spread(clock: FakeClock) -> None:
    """Programs that were started at one moment do not renew at one moment for ever."""
    fleets = [fleet(clock) for _ in range(8)]
    for one in fleets:
        one.keep(5)
    beats: dict[int, list[float]] = {number: [] for number in range(8)}
    for number, one in enumerate(fleets):
        one.store.before_batch = lambda beat=beats[number]: beat.append(clock.now())  # type: ignore[misc]
    until = clock.now() + 4 * PERIOD
    while clock.now() < until:
        clock.advance(0.05)
        for one in fleets:
            one.settle()
    last = sorted(round(times[-1], 1) for times in beats.values())
    assert len(set(last)) >= 4, last
    gaps = [after - before for times in beats.values() for before, after in pairwise(times)]
    assert max(gaps) <= PERIOD / 3 + 0.1
    for one in fleets:
        one.manager.close()


def test_different_periods_share_a_batch(many: Fleet) -> None:
    """Each keeps its own rhythm: the short ones are renewed more often, none later than a third."""
    short, long = many.keep(20, period=PERIOD), many.keep(20, period=3 * PERIOD)
    for _ in range(12 * 30):
        many.live(PERIOD / 30, step=PERIOD / 30)
        now = many.clock.now()
        assert all(lease.deadline - now >= PERIOD * 0.64 for lease in short)
        assert all(lease.deadline - now >= PERIOD * 1.98 for lease in long)
    assert max(len(batch) for batch in many.store.batches) > 20


def test_a_lease_with_an_end_is_renewed_by_itself(many: Fleet, clock: FakeClock) -> None:
    """`not_after` changes what is asked for at the end, and then nothing is asked for any more."""
    many.keep(5)
    capped = got(many.manager.acquire_lease("capped", period=PERIOD, not_after=clock.wall() + 2 * PERIOD))
    capped.keep_alive()
    while not capped.grant.capped:
        many.live(0.1)
    last = capped.index
    many.live(capped.remaining - 0.5)
    assert (capped.held, capped.index) == (True, last)
    assert key(capped) not in {one for batch in many.store.batches for one in batch}
    many.live(1.0)
    assert capped.lost == "expired"
    assert many.told == {}


def test_a_lease_whose_turn_is_taken_comes_later(many: Fleet) -> None:
    """A call by hand that is under way holds up nobody else, and its own renewal only until it is over."""
    busy, *others = many.keep(5)
    assert busy.try_turn()
    many.live(PERIOD / 2)
    assert all(lease.deadline > many.clock.now() + PERIOD * 0.6 for lease in others)
    assert key(busy) not in {one for batch in many.store.batches for one in batch}
    deadline = busy.deadline
    busy.end_turn()
    many.live(0.2)
    assert busy.deadline > deadline
    assert busy.held


def test_two_handles_of_one_lease_are_never_in_one_batch(
    many: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease resumed beside its older handle, both due at one moment: the older one loses, nobody else."""
    monkeypatch.setattr("random.random", lambda: 0.5)
    old, *_ = many.keep(5)
    new = many.manager.resume(old.name, str(old.secret)).keep_alive()
    many.live(2 * PERIOD)
    assert len(many.store.batches) > 2
    assert all(len(set(batch)) == len(batch) for batch in many.store.batches)
    assert (many.told, new.held) == ({old.name: "stolen"}, True)


def test_a_change_of_period_by_hand_is_followed(many: Fleet) -> None:
    """Shortened far below the rhythm of its batch, it is renewed in its own; afterwards they meet again."""
    leases = many.keep(5, period=30.0)
    leases[0].renew(2.0)
    many.live(20.0)
    assert many.told == {}
    assert leases[0].held
    assert leases[0].period == 2.0


def test_a_store_without_batches_is_asked_one_by_one(clock: FakeClock) -> None:
    """The protocol is optional: where it is not offered, all is as it was."""
    many = fleet(clock)
    plain = connect(cast(Store, _Plain(many)), clock=clock)
    leases = [got(plain.acquire_lease(f"plain-{n}", period=PERIOD)).keep_alive() for n in range(5)]
    eventually(lambda: clock.waiters >= 2, "the threads run")
    for _ in range(40):
        clock.advance(0.1)
        clock.settle(0.005)
    eventually(lambda: all(_renewed(lease, clock) for lease in leases), "each was renewed")
    assert many.store.batches == []
    assert many.store.count("replace") >= 5
    plain.close()


def _renewed(lease: Lease, clock: FakeClock) -> bool:
    return lease.deadline > clock.now() + PERIOD * 0.6


class _Plain:
    """The same store without its batches."""

    def __init__(self, many: Fleet) -> None:
        store = many.store
        for name in ("open_session", "renew_session", "close_session", "create", "replace", "delete"):
            setattr(self, name, getattr(store, name))
        for name in ("read", "list", "watch", "health", "close", "capabilities"):
            setattr(self, name, getattr(store, name))
