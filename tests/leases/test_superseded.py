"""A handle whose lease was resumed elsewhere does no harm to the handle that goes on using it."""

from __future__ import annotations

from collections.abc import Callable

from coordination import Lease, LeaseLost, Manager, OutcomeUnknown
from coordination.testing import FakeClock
from tests.leases.late import LateStore
from tests.leases.world import NAME, PERIOD, World, eventually, got, live


def _resumed(manager: Manager, lease: Lease) -> Lease:
    return manager.resume(NAME, str(lease.secret))


def _outcome(step: Callable[[], object]) -> str:
    """What it raised, in a word."""
    try:
        step()
    except LeaseLost as loss:
        return loss.reason
    except OutcomeUnknown:
        return "unknown"
    return "done"


def test_a_release_in_an_outage_leaves_the_live_handle_alone(
    world: World, manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """Its release is finished in the background, where it finds that the record is not its own."""
    first = got(manager.acquire_lease(NAME, period=PERIOD))
    second = _resumed(other, first)
    store.cut()
    assert _outcome(first.release) == "unknown"
    store.mend()
    asked = len(store.calls)
    live(manager, clock, 2.0)
    assert len(store.calls) > asked, "nothing was tried in the background"
    second.renew()
    assert got(world.manager().get_lease(NAME)).token == second.token


def test_a_release_in_an_outage_is_finished_later(
    world: World, manager: Manager, store: LateStore, clock: FakeClock
) -> None:
    """Record and session of our own go as soon as the store is back."""
    lease = got(manager.acquire_lease(NAME, period=100 * PERIOD))
    store.cut()
    assert _outcome(lease.release) == "unknown"
    store.mend()
    live(manager, clock, 3.0)
    assert world.stored() == []
    assert lease.lost is None


def test_a_release_that_is_stuck_behind_a_renewal_is_finished_after_it(
    world: World, manager: Manager, clock: FakeClock
) -> None:
    """Two steps of one lease never run at once, in the background neither."""
    lease = got(manager.acquire_lease(NAME, period=100 * PERIOD))
    assert lease.try_turn()
    assert _outcome(lambda: lease.release_within(0.01)) == "unknown"
    live(manager, clock, 2.0)
    assert world.record() is not None
    lease.end_turn()
    live(manager, clock, 2.0)
    assert world.stored() == []


def test_finishing_a_release_has_an_end(manager: Manager, store: LateStore, clock: FakeClock) -> None:
    """After two periods the session is dead by itself, and nothing more is asked."""
    lease = got(manager.acquire_lease(NAME, period=2.0))
    store.cut()
    assert _outcome(lease.release) == "unknown"
    live(manager, clock, 5.0)
    tried = len(store.calls)
    assert tried > 3
    live(manager, clock, 3.0)
    assert len(store.calls) == tried


def _moves_unknown(lease: Lease, store: LateStore) -> None:
    """A change of the period that is applied, and of which nobody hears."""
    store.lose_answer("replace")
    store.refuse("read", times=4)
    assert _outcome(lambda: lease.renew(1.5 * PERIOD)) == "unknown"
    store.mend()


def test_a_step_of_the_older_handle_leaves_both_sessions_alone(
    world: World, store: LateStore, other: Manager, manager: Manager, clock: FakeClock
) -> None:
    """The live one does not know which of its two sessions the record is on, and may move it back."""
    first = got(other.acquire_lease(NAME, period=PERIOD))
    second = _resumed(manager, first)
    _moves_unknown(second, store)
    assert _outcome(first.renew) == "stolen"
    live(other, clock, 1.0)
    second.renew()
    assert second.held
    assert got(world.manager().get_lease(NAME)).token == second.token


def test_the_watch_of_the_older_handle_leaves_both_sessions_alone(
    world: World, store: LateStore, other: Manager, manager: Manager, clock: FakeClock
) -> None:
    """The same when it is not a step but the watch that finds out."""
    told: list[str] = []
    first = got(other.acquire_lease(NAME, period=PERIOD))
    first.keep_alive(lambda _lease, reason: told.append(reason))
    clock.settle()
    second = _resumed(manager, first)
    _moves_unknown(second, store)
    eventually(lambda: told, "the news")
    live(other, clock, 1.0)
    assert told == ["stolen"]
    second.renew()
    assert got(world.manager().get_lease(NAME)).token == second.token


def test_what_a_thief_leaves_is_ended(
    world: World, manager: Manager, other: Manager, clock: FakeClock
) -> None:
    """Nobody uses the session of the victim any more: by a step or by the watch, it goes at once."""
    for keep in (False, True):
        victim = got(manager.acquire_lease(NAME, period=PERIOD))
        if keep:
            victim.keep_alive()
            clock.settle()
        thief = got(other.steal_lease(NAME, None, 0, PERIOD, victim.index))
        if keep:
            eventually(lambda: victim.lost, "the news")  # noqa: B023 - called before the next turn
        else:
            assert _outcome(victim.renew) == "stolen"
        eventually(lambda: len(world.stored()) == 2, "one record and one session")
        assert thief.release()
        assert world.stored() == []
