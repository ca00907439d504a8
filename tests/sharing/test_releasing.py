"""Giving a hold back, and waiting for its end, at every moment and with the store in every state."""

from __future__ import annotations

import pytest

from coordination.errors import LeaseLost
from coordination.recipes.holding import SLICE, release, wait_over
from coordination.runtime import run
from coordination.sharing.notes import BROKEN, encoded, entry_of
from coordination.sharing.place import GONE, LEAVING
from tests.sharing.bench import TTL, Bench
from tests.sharing.broken import Corrupt, Refusing
from tests.sharing.stepping import Cancelled, Task


def test_one_request_and_it_is_free(bench: Bench) -> None:
    """True; a second time False, and nothing is asked."""
    place = bench.held()
    bench.connection.calls.clear()
    assert run(release(bench.blocking, place, 1.0)) is True
    assert bench.connection.calls == ["delete"]
    assert (bench.stored(), place.released_at, place.outcome) == ([], bench.clock.wall(), "released")
    assert run(release(bench.blocking, place, 1.0)) is False
    assert bench.connection.calls == ["delete"]


def test_without_waiting_nothing_is_asked_here(bench: Bench) -> None:
    """A timeout of 0: True at once, not held any more, and done in the background."""
    place = bench.held()
    bench.connection.calls.clear()
    assert run(release(bench.blocking, place, 0.0)) is True
    assert (bench.connection.calls, place.held, place.released_at) == ([], False, None)
    assert run(wait_over(bench.blocking, place, 0.0)) == "released"
    bench.clean()
    assert (bench.stored(), place.outcome) == ([], "released")
    assert place.released_at is not None


def test_without_waiting_in_a_released_one(bench: Bench) -> None:
    """False, as ever."""
    place = bench.held()
    assert run(release(bench.blocking, place, 0.0)) is True
    assert run(release(bench.blocking, place, 0.0)) is False


@pytest.mark.parametrize("fault", ["refuse", "lose_answer"])
def test_with_the_store_down(bench: Bench, fault: str) -> None:
    """True all the same; done when the store is there again."""
    place = bench.held()
    getattr(bench.connection, fault)("delete")
    assert run(release(bench.blocking, place, 1.0)) is True
    assert (place.state, place.released_at) == (LEAVING, None)
    bench.clean()
    assert (bench.stored(), place.outcome) == ([], "released")


def test_a_refused_release_is_done_later(bench: Bench) -> None:
    """A store that refuses is no reason to keep what was given back."""
    place = bench.held()
    bench.connection.before("delete", Refusing())
    assert run(release(bench.blocking, place, 1.0)) is True
    bench.clean()
    assert bench.stored() == []


def test_lost_before(bench: Bench) -> None:
    """`LeaseLost` with the reason, and no request."""
    place = bench.held()
    bench.let_pass(TTL)
    bench.connection.calls.clear()
    with pytest.raises(LeaseLost) as raised:
        run(release(bench.blocking, place, 1.0))
    assert raised.value.reason == "expired"
    assert "delete" not in bench.connection.calls


def test_gone_when_it_is_released(bench: Bench) -> None:
    """Nobody had noticed: it was lost, and whoever listened is told."""
    place = bench.held()
    told: list[str] = []
    place.fate.listen(lambda _place, reason: told.append(reason))
    bench.remove(place.key)
    with pytest.raises(LeaseLost) as raised:
        run(release(bench.blocking, place, 1.0))
    for call in bench.told:
        call()
    assert (raised.value.reason, place.lost, told) == ("deleted", "deleted", ["deleted"])
    assert place.released_at is None


def test_contract_2_broken_when_it_is_released(bench: Bench) -> None:
    """The note says more than the missing record does."""
    place = bench.held()
    bench.clean()
    sentinel = bench.record(place.shared.sentinel.key)
    assert sentinel is not None
    bench.remove(place.key)
    note = encoded({BROKEN: [entry_of(place.key, place.created)]})
    bench.inner.replace(sentinel.key, note, place.shared.session, sentinel.index, timeout=1.0)
    with pytest.raises(LeaseLost) as raised:
        run(release(bench.blocking, place, 1.0))
    assert raised.value.reason == "broken"


def test_written_over_by_a_stranger_it_is_ours_still(bench: Bench) -> None:
    """Its creation tells whose it is, not its index."""
    place = bench.held()
    bench.inner.replace(place.key, b"!", place.shared.session, place.index, timeout=1.0)
    assert run(release(bench.blocking, place, 1.0)) is True
    assert bench.stored() == []


def test_what_a_stranger_left_makes_no_sense(bench: Bench) -> None:
    """It cannot be told from one that is gone."""
    place = bench.held()
    bench.inner.replace(place.key, b"!", place.shared.session, place.index, timeout=1.0)
    bench.connection.before("read", Corrupt())
    with pytest.raises(LeaseLost):
        run(release(bench.blocking, place, 1.0))


def test_the_session_is_lost_meanwhile(bench: Bench) -> None:
    """The release had begun in time, and its record is gone with the session: that is a release."""
    place = bench.held()
    bench.connection.before("delete", lambda: place.shared.lose("expired"))
    assert run(release(bench.blocking, place, 1.0)) is True
    assert (place.lost, place.outcome) == (None, "released")


def test_cancelled_before_the_request(bench: Bench) -> None:
    """It is not held from the call on; the background does the rest."""
    place = bench.held()
    bench.runtime.slow = True
    task = Task(release(bench.runtime, place, 1.0))
    assert task.cancel(Cancelled())
    assert (place.state, place.held) == (LEAVING, False)
    bench.clean()
    assert (bench.stored(), place.outcome) == ([], "released")


def test_who_waits_is_told_of_the_release(bench: Bench) -> None:
    """All of them, at the moment it is done; who gives up waiting is forgotten."""
    place = bench.held()
    waiting = [Task(wait_over(bench.runtime, place, None)) for _ in range(3)]
    late = Task(wait_over(bench.runtime, place, 2.0))
    bench.let_pass(2.0)
    assert late.to_the_end() is None
    assert waiting[0].cancel()
    bench.let_pass(1.0)
    assert run(release(bench.blocking, place, 1.0))
    assert [task.to_the_end() for task in waiting[1:]] == ["released"] * 2


def test_who_waits_is_told_of_the_loss(bench: Bench) -> None:
    """With its reason, and afterwards at once."""
    place = bench.held()
    task = Task(wait_over(bench.runtime, place, None))
    place.shared.lose("revoked")
    assert task.to_the_end() == "revoked"
    assert run(wait_over(bench.blocking, place, None)) == "revoked"


def test_who_waits_looks_for_himself_now_and_then(bench: Bench) -> None:
    """Nobody told of the expiry: not the watchdog, not a beat."""
    place = bench.held()
    task = Task(wait_over(bench.runtime, place, None))
    bench.let_pass(SLICE)
    assert task.to_the_end() == "expired"


def test_who_waits_with_a_bound_sees_what_happened_at_it(bench: Bench) -> None:
    """It expired in the same moment in which the waiting ended."""
    place = bench.held()
    task = Task(wait_over(bench.runtime, place, TTL))
    bench.let_pass(TTL)
    assert task.to_the_end() == "expired"


def test_over_between_the_look_and_the_listening(bench: Bench) -> None:
    """Nobody rings for who began to listen just after the end: it looks for itself."""
    place = bench.held()
    signal = bench.runtime.signal()
    assert run(release(bench.blocking, place, 1.0))
    place.listen(signal)
    assert bench.runtime.bells[-1].rung
    place.unlisten(signal)
    place.unlisten(signal)
    assert place.state == GONE
