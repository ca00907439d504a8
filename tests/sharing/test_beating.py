"""The beat of a shared session: what it asks, whom it judges, what it clears away."""

from __future__ import annotations

import pytest

from coordination.recipes.holding import release
from coordination.record import Record
from coordination.sharing.place import GONE, HELD, WAITING
from tests.sharing.bench import TTL, Bench, folder
from tests.sharing.stepping import Task

A = folder("a")


def test_a_beat_comes_again_before_a_third_of_the_ttl(bench: Bench) -> None:
    """At most a fifth earlier, so that many managers spread out; the first one too."""
    shared = bench.shared()
    now = bench.clock.now()
    for _ in range(20):
        due = bench.prove()
        assert due is not None
        assert TTL / 3 * 0.8 <= due - now <= TTL / 3
        assert TTL / 3 * 0.8 <= shared.beating.first(now) - now <= TTL / 3


def test_a_beat_renews_and_proves_in_two_requests(bench: Bench) -> None:
    """However many records there are; belief is counted from before each was sent."""
    places = [bench.held(f"n{number}") for number in range(30)]
    bench.clean()
    shared = places[0].shared
    bench.let_pass(3.0)
    bench.connection.calls.clear()
    bench.connection.delay("renew_session", 1.0)
    bench.prove()
    assert bench.connection.calls == ["renew_session", "prove"]
    assert all(place.held for place in places)
    assert shared.remaining == pytest.approx(TTL * 0.95 - 1.0)


def test_a_renewal_without_a_proof_proves_nothing(bench: Bench) -> None:
    """A live session does not mean that a record is still ours: belief ends with the last proof."""
    place = bench.held()
    for _ in range(4):
        bench.let_pass(TTL / 4)
        bench.connection.refuse("prove")
        bench.prove(place.shared)
    assert place.lost == "expired"


def test_what_is_gone_is_not_held_while_the_reason_is_looked_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow store took 0.4 s for that, and `held` was True all the while."""
    one, two = (bench.held(name) for name in "ab")
    seen: list[tuple[bool, bool, str | None]] = []
    read = bench.connection.read

    def slow(key: str, *, timeout: float) -> Record | None:
        seen.append((one.held, two.held, one.lost))
        return read(key, timeout=timeout)

    bench.remove(one.key)
    monkeypatch.setattr(bench.connection, "read", slow)
    bench.prove()
    assert seen == [(False, True, None)]
    assert (one.lost, two.lost) == ("deleted", None)


def test_records_that_are_gone_are_lost_and_no_others(bench: Bench) -> None:
    """A stranger deleted one of three: its owner is told."""
    one, two, three = (bench.held(name) for name in "abc")
    told: list[str] = []
    two.fate.listen(lambda place, reason: told.append(f"{place.key} {reason}"))
    bench.remove(two.key)
    bench.prove()
    for call in bench.told:
        call()
    assert [one.lost, two.lost, three.lost] == [None, "deleted", None]
    assert told == [f"{two.key} deleted"]
    assert "hold-lost" in bench.events


def test_breaker_2_a_release_under_way_is_no_loss(bench: Bench) -> None:
    """Its record was deleted, and the answer slow: a beat took that for a loss; `released` stayed None."""
    place = bench.held()
    told: list[str] = []
    place.fate.listen(lambda _place, reason: told.append(reason))
    bench.runtime.slow = True
    releasing = Task(release(bench.runtime, place, 5.0))
    releasing.go()
    assert bench.stored() == []
    bench.prove()
    assert releasing.to_the_end() is True
    assert (place.lost, place.outcome, told) == (None, "released", [])
    assert place.released_at is not None


def test_breaker_2_a_release_that_begins_during_the_proof_is_no_loss(bench: Bench) -> None:
    """It was expected when the proof was asked for, and given back before its answer came."""
    place = bench.held()
    bench.connection.before("prove", lambda: Task(release(bench.runtime, place, 5.0)).to_the_end())
    bench.prove()
    assert (place.lost, place.outcome) == (None, "released")


def test_a_beat_leaves_alone_what_a_release_is_deleting(bench: Bench) -> None:
    """It deleted that as a stray, and the release, which found nothing any more, told of a loss."""
    place = bench.held()
    bench.runtime.slow = True
    releasing = Task(release(bench.runtime, place, 5.0))
    bench.prove()
    assert bench.stored() == [place.key]
    assert releasing.to_the_end() is True
    assert (place.lost, place.outcome) == (None, "released")


def test_a_key_that_is_anothers_by_now_is_not_judged(bench: Bench) -> None:
    """The proof spoke of an earlier record under that key."""
    place = bench.held()

    def entered_anew() -> None:
        place.created += 1

    bench.connection.after("prove", entered_anew)
    bench.remove(place.key)
    bench.prove()
    assert place.state == HELD


def test_a_waiter_whose_record_is_gone_is_woken(bench: Bench, other: Bench) -> None:
    """It begins anew at the end of the queue, whoever deleted it."""
    other.held()
    task = bench.acquiring()
    (key,) = [key for key in bench.stored() if bench.sharing.is_ours(key)]
    bench.runtime.slow = True  # So that the departure is not acted upon at once.
    bench.remove(key)
    bench.prove()
    assert bench.shared().places == {}
    bench.runtime.slow = False
    task.go(5)
    assert [place.state for place in bench.shared().places.values()] == [WAITING]


def test_strays_on_the_session_are_removed(bench: Bench) -> None:
    """Whatever hangs on our session and nobody wants."""
    shared = bench.shared()
    bench.clean()
    bench.inner.create(f"{A}{shared.incarnation}.77", b"{}", shared.session, timeout=1.0)
    bench.prove()
    assert bench.stored() == []
    assert bench.record(shared.sentinel.key) is not None


def test_what_was_entered_after_the_proof_is_no_stray(bench: Bench) -> None:
    """It was not expected when the question was asked, and it is wanted."""
    bench.held("b")
    bench.connection.before("prove", lambda: bench.held("a"))
    bench.prove()
    assert len(bench.stored("a")) == 1


def test_the_sentinel_is_no_stray(bench: Bench) -> None:
    """It was written while the proof was under way."""
    shared = bench.shared()
    bench.connection.before("prove", bench.clean)
    bench.prove()
    assert bench.record(shared.sentinel.key) is not None


def test_simulator_3_who_waits_behind_a_leaver_goes_on_when_the_beat_removes_it(bench: Bench) -> None:
    """The beat deleted the record of a place that was leaving, and told nobody here."""
    place = bench.held()
    task = bench.acquiring()
    bench.connection.refuse("delete")
    place.shared.abandon(place)
    bench.clean()  # In vain: it pauses.
    assert not task.go(5)
    bench.prove()
    assert place.state == GONE
    assert task.to_the_end().held


def test_a_stray_that_went_by_itself_settles_nothing(bench: Bench) -> None:
    """Another deleted it just now: its removal finds that out."""
    place = bench.held()
    bench.connection.refuse("delete")
    place.shared.abandon(place)
    bench.clean()
    bench.connection.before("delete", lambda: bench.remove(place.key))
    bench.prove()
    assert place.state == "leaving"
    bench.let_pass(1.0)
    bench.clean()
    assert (place.state, place.outcome) == (GONE, "released")
