"""Taking over where answers get lost: nobody may lead before the victim's time is over."""

from __future__ import annotations

import pytest

from coordination import AcquireTimeout, ConfigurationError, OutcomeUnknown, StoreUnavailable
from coordination.recipes.leading.candidate import FOLLOWS
from coordination.record import Session
from tests.leading.bench import TTL, Background, Bench, eventually


def led_by_a_mute_one(bench: Bench) -> None:
    """An older leader which hears of nothing from here on, and so goes on believing."""
    store = bench.store()
    bench.leader(store, "old").campaign()
    store.cut()


def test_a_steal_that_nobody_can_tell_of(bench: Bench) -> None:
    """It was applied, and no look says so: its session is not ended before the victim's time is over."""
    led_by_a_mute_one(bench)
    store = bench.store()
    store.lose_answer("replace")
    store.after("replace", lambda: store.refuse("read", 1000))
    newer = Background(lambda: bench.leader(store, "new", version=2).campaign(timeout=1.0))
    eventually(lambda: "replace" in store.calls, "it steals")
    bench.until(lambda: newer.done, "it gives up", 60)
    assert isinstance(newer.error(), StoreUnavailable)
    assert bench.value().machine_id == "new"
    stolen_at = bench.value().acquired_at
    other = Background(lambda: bench.leader(None, "other", version=2).campaign(timeout=60))
    while bench.clock.wall() < stolen_at + TTL - 0.5:
        bench.pass_time(0.5)
        assert bench.value().machine_id == "new"
    bench.until(lambda: other.done, "another leads after that", 2 * TTL)
    assert other.answer().held


def test_a_steal_that_is_found_by_its_nonce(bench: Bench) -> None:
    """The answer was lost, and a look tells that it is ours: it goes on as if nothing had happened."""
    led_by_a_mute_one(bench)
    store = bench.store()
    store.lose_answer("replace")
    newer = Background(lambda: bench.leader(store, "new", version=2).campaign())
    eventually(lambda: FOLLOWS in bench.value().metadata, "it waits for the victim's end")
    begun = bench.clock.now()
    bench.until(lambda: newer.done, "it leads", TTL + 2)
    assert bench.clock.now() - begun >= TTL - 0.1
    assert newer.answer().token < bench.value().token + 1
    assert FOLLOWS not in bench.value().metadata


def test_a_steal_that_got_lost_on_its_way(bench: Bench) -> None:
    """It was not applied yet, and might be: the next one moves the index, so that it cannot any more."""
    led_by_a_mute_one(bench)
    store = bench.store()

    def lost() -> None:
        raise OutcomeUnknown("the request is lost")

    store.before("replace", lost)
    newer = Background(lambda: bench.leader(store, "new", version=2).campaign())
    bench.until(lambda: FOLLOWS in bench.value().metadata, "it steals after all", TTL)
    assert bench.sessions() == 3  # the victim's, that of the lost steal, and the thief's
    bench.until(lambda: newer.done, "it leads", 2 * TTL)
    bench.until(lambda: bench.sessions() == 1, "what was in doubt is ended", 2 * TTL)
    assert newer.answer().held


def test_a_steal_whose_record_is_gone_by_the_look(bench: Bench) -> None:
    """Its answer was lost, and somebody deleted it before the look: it has not won, and tries again."""
    led_by_a_mute_one(bench)
    store = bench.store()

    def delete() -> None:
        record = bench.record()
        assert record is not None
        bench.memory.delete(record.key, record.index, timeout=1)

    store.after("replace", delete)
    store.lose_answer("replace")
    newer = Background(lambda: bench.leader(store, "new", version=2).campaign())
    bench.until(lambda: newer.done, "it leads", 2 * TTL)
    assert newer.answer().held


def test_a_store_that_is_slower_than_the_period(bench: Bench) -> None:
    """The session of the steal was dead before it was used: not applied, and tried again."""
    led_by_a_mute_one(bench)
    store = bench.store()

    def end() -> None:
        session = next(reversed(bench.memory._state.sessions))
        bench.memory.close_session(Session(session, 1.0), timeout=1)

    store.before("replace", end)
    newer = Background(lambda: bench.leader(store, "new", version=2).campaign())
    bench.until(lambda: newer.done, "it leads", 2 * TTL)
    assert newer.answer().held


def test_a_manager_that_is_closed_while_it_wins(bench: Bench) -> None:
    """What is acquired then is released at once; what is stolen is left to its session."""
    for mute in (False, True):
        if mute:
            led_by_a_mute_one(bench)
        store = bench.store()
        manager = bench.manager(store, "new")
        store.after("replace" if mute else "create", manager.close)
        leader = manager.leader("scheduler", ttl=TTL, version=2)
        with pytest.raises(ConfigurationError):
            leader.campaign()
        assert (bench.record() is not None) == mute


def test_a_steal_that_was_refused_leaves_nothing(bench: Bench) -> None:
    """Not applied: the session that was opened for it is ended, and the next try steals."""
    led_by_a_mute_one(bench)
    store = bench.store()
    store.refuse("replace")
    Background(lambda: bench.leader(store, "new", version=2).campaign())
    bench.until(lambda: FOLLOWS in bench.value().metadata, "it steals", TTL)
    eventually(lambda: bench.sessions() == 2, "the victim's session and the thief's are left")


def test_a_victim_that_moves_is_looked_at_again(bench: Bench) -> None:
    """It renews just before the steal, which comes to nothing; the next one does not."""
    store, old = bench.store(), bench.leader(None, "old")
    term = old.campaign()
    store.before("replace", term.tenure.renew)
    newer = Background(lambda: bench.leader(store, "new", version=2).campaign())
    eventually(lambda: term.lost == "stolen", "it is stolen")
    with pytest.raises(Exception, match="stolen"):
        term.release()
    bench.until(lambda: newer.done, "it leads at once", 3)
    assert store.calls.count("replace") >= 2
    assert newer.answer().held


def test_a_takeover_that_is_taken_over(bench: Bench) -> None:
    """While it waits a still newer one comes: it stops waiting, and does not compete any more."""
    led_by_a_mute_one(bench)
    second = Background(lambda: bench.leader(None, "second", version=2).campaign(timeout=100))
    eventually(lambda: bench.value().machine_id == "second", "the second steals")
    bench.pass_time(TTL / 4)
    third = Background(lambda: bench.leader(None, "third", version=3).campaign())
    eventually(lambda: bench.value().machine_id == "third", "the third steals")
    begun = bench.clock.now()
    bench.until(lambda: third.done, "the third leads", 60)
    assert bench.clock.now() - begun > 2 * TTL  # the whole of what the second had for its own wait
    third.answer().release()
    assert not second.done
    bench.until(lambda: second.done, "the second gives up", 200)
    assert isinstance(second.error(), AcquireTimeout)


def test_a_takeover_whose_manager_is_closed(bench: Bench) -> None:
    """It is left to its session, which lasts longer than the victim may believe."""
    led_by_a_mute_one(bench)
    manager = bench.manager(None, "new")
    newer = Background(manager.leader("scheduler", ttl=TTL, version=2).campaign)
    eventually(lambda: FOLLOWS in bench.value().metadata, "it waits")
    manager.close()
    bench.until(lambda: newer.done, "it hears of that", 5)
    assert newer.error() is not None
    bench.pass_time(TTL - 4)
    assert bench.value().machine_id == "new"
    bench.until(lambda: bench.record() is None, "its session ends", 3 * TTL)
