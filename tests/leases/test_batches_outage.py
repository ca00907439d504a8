"""The store is away, or slow, or stuck with one name, while a thousand leases are kept."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from coordination.errors import StoreUnavailable
from coordination.record import Record
from coordination.store import Subscription, Swap, Swapped
from coordination.testing import FakeClock
from tests.leases.batching import SWALLOWED, Fleet, fleet, key
from tests.leases.world import PERIOD, eventually


@pytest.mark.untraced
@pytest.mark.parametrize("lead", [0.0, 1.0, 3.0])
def test_a_thousand_leases_survive_a_black_hole(many: Fleet, clock: FakeClock, lead: float) -> None:
    """For 4 s of a period of 15 s no call is answered, and all that was sent lands afterwards.

    Afterwards a single call takes 3 ms and a batch half a millisecond for each of its leases.
    """
    many.keep(1000, period=15.0)
    many.store.costs.call, many.store.costs.item = 0.003, 0.0005
    many.live(3.0 + lead)
    many.store.hole_ends = clock.now() + 4.0
    many.live(19.0, step=0.25)
    assert many.told == {}
    assert min(lease.deadline for lease in many.leases) > clock.now() + 15.0 / 2
    assert all(lease.grant.pending == set() for lease in many.leases)


def test_an_absent_store_is_not_asked_for_each_lease(
    many: Fleet, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Each try is one call for all of them, and the log has one line for the failure and no more."""
    many.keep(200)
    many.live(2.0)
    many.store.hole_ends = clock.now() + 6.0
    many.live(6.0)
    assert 2 <= many.store.unanswered.count("replace_all") <= 12
    assert len(many.store.unanswered) <= 12
    lines = [record.getMessage() for record in caplog.records if "renewal-failed" in record.getMessage()]
    assert sum(int(line.split("more=")[1].split()[0]) + 1 for line in lines) == 200
    assert len(lines) <= 4
    many.live(PERIOD)
    assert many.told == {}


@pytest.mark.untraced
def test_only_what_was_sent_is_unknown(many: Fleet, clock: FakeClock) -> None:
    """While the second batch is on its way, those that are in neither have nothing to settle."""
    many.keep(1000, period=15.0)
    seen: list[set[str]] = []

    def note() -> None:
        many.store.hole_ends = clock.now() + 1.0
        seen.append({key(lease) for lease in many.leases if lease.grant.pending})

    many.store.before_batch = note
    while len(seen) < 2:
        many.live(0.02, step=0.02)
    first, second = many.store.batches[:2]
    assert seen[0] == set(first)
    assert seen[1] == {*first, *second}
    assert len(seen[1]) == 500


def test_one_stuck_name_costs_no_other_lease(many: Fleet, clock: FakeClock) -> None:
    """Its write takes all the time that it is given, at every try; it alone is lost."""
    stuck, *others = many.keep(30)
    many.store.fates = {key(stuck): SWALLOWED}
    (short,) = many.keep(1, period=2.0)
    whole = many.store.replace_all

    def slow(swaps: Sequence[Swap], *, timeout: float) -> list[Swapped]:
        if key(stuck) in {swap.key for swap in swaps}:
            clock.sleep(timeout)
        return whole(swaps, timeout=timeout)

    many.store.replace_all = slow  # type: ignore[method-assign]
    many.live(3 * PERIOD)
    assert many.told == {stuck.name: "expired"}
    assert all(lease.held for lease in [short, *others])


def test_a_name_that_cannot_be_read_costs_no_other_lease(many: Fleet, clock: FakeClock) -> None:
    """After a lost answer each is looked at; one look that hangs leaves time for the others."""
    stuck, *others = many.keep(30)
    read = many.store.read

    def slow(name: str, *, timeout: float) -> Record | None:
        if name == key(stuck):
            clock.sleep(timeout)
        return read(name, timeout=timeout)

    many.store.read = slow  # type: ignore[assignment, method-assign]
    many.store.fates = {"*": SWALLOWED}
    many.live(PERIOD / 3 + 0.1)
    many.store.fates.clear()
    many.store.deliver()
    many.live(2 * PERIOD)
    assert set(many.told) <= {stuck.name}
    assert all(lease.held for lease in others)


@pytest.mark.untraced
def test_beginning_many_watches_delays_no_renewal(clock: FakeClock) -> None:
    """The store answers renewals, but each of 300 watches hangs until its timeout."""
    many = fleet(clock)
    begin, tries = many.store.watch, list[float]()

    def hang(*arguments: object, timeout: float) -> Subscription:
        tries.append(clock.now())
        clock.sleep(timeout)
        raise StoreUnavailable("no answer")

    many.store.watch = hang  # type: ignore[assignment, method-assign]
    leases = [many.manager.acquire_lease(f"lease-{n}", period=PERIOD) for n in range(300)]
    for lease in leases:
        assert lease is not None
        many.leases.append(lease.keep_alive())
    heartbeat = many.manager._keeper.heartbeat

    def renewed() -> bool:
        heartbeat._wake.set()
        with heartbeat._mutex:
            return not heartbeat._first or heartbeat._first[0][0] > clock.now()

    for _ in range(60):
        many.clock.advance(0.5)
        clock.settle(0.01)
        eventually(renewed, "the renewals that are due", within=60.0)
    assert all(lease.held for lease in many.leases)
    assert len(tries) > 5
    assert all(later - earlier > PERIOD / 8 + PERIOD / 12 - 0.01 for earlier, later in pairwise(tries))
    many.store.watch = begin  # type: ignore[method-assign]
    many.live(3 * PERIOD)
    beats = many.manager._keeper.beats()
    assert all(beat.noticing._subscription is not None for beat in beats)
    many.manager.close()


@pytest.mark.untraced
def test_a_slow_store_is_given_fewer_at_a_time(many: Fleet) -> None:
    """With a short period a batch has no more leases than fit into its patience at 4 ms each."""
    many.keep(300, period=2.0)
    many.store.costs.item = 0.0004
    many.live(10.0)
    assert max(len(batch) for batch in many.store.batches) <= 2.0 / 8 / 0.004
    assert many.told == {}
