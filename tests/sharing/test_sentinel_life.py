"""The beginning and the end of a session's sentinel, and what it says of a loss."""

from __future__ import annotations

import pytest

from coordination.recipes.inspecting import request_release
from coordination.runtime import run
from coordination.sharing.notes import BROKEN, encoded, entry_of
from coordination.sharing.place import HELD, Place
from coordination.sharing.session import Shared
from tests.sharing.bench import TTL, Bench, folder

A = folder("a")


@pytest.fixture
def place(bench: Bench) -> Place:
    """Held, and its session is listening."""
    place = bench.held()
    bench.clean()
    assert place.shared.sentinel.listening
    return place


def listens(shared: Shared) -> bool:
    """Whether it hears what others tell."""
    return shared.sentinel.listening


def write(bench: Bench, shared: Shared, **lists: list[str]) -> None:
    """Somebody writes a note."""
    record = bench.record(shared.sentinel.key)
    assert record is not None
    bench.inner.replace(record.key, encoded(dict(lists)), shared.session, record.index, timeout=1.0)


def asked(place: Place) -> list[str]:
    """Grows whenever its release is asked for."""
    calls: list[str] = []
    place.on_asked(lambda: calls.append("asked"))
    return calls


def tell(bench: Bench) -> None:
    """Run the callbacks of the user that are due."""
    told, bench.told[:] = list(bench.told), []
    for call in told:
        call()


def test_a_stranger_removed_it(bench: Bench, other: Bench, place: Place) -> None:
    """The beat writes it anew, and who breaks or asks is heard again."""
    calls = asked(place)
    bench.remove(place.shared.sentinel.key)
    bench.clean()
    bench.beat()
    assert bench.record(place.shared.sentinel.key) is not None
    assert place.state == HELD
    assert run(request_release(other.blocking, other, A))
    bench.clean()
    tell(bench)
    assert calls == ["asked"]


def test_units_6_a_lost_answer_to_its_creation(bench: Bench) -> None:
    """It was written and nobody here knew its record: removed by a stranger, it was never written anew."""
    shared = bench.shared()
    bench.connection.lose_answer("create")
    bench.clean()
    bench.let_pass(1.0)
    bench.clean()
    assert listens(shared)
    bench.remove(shared.sentinel.key)
    bench.clean()
    bench.prove()
    bench.clean()
    assert bench.record(shared.sentinel.key) is not None


def test_it_went_with_its_session(bench: Bench, place: Place) -> None:
    """Told within a moment instead of a third of the ttl."""
    bench.inner.close_session(place.shared.session, timeout=1.0)
    assert bench.clean() == 1
    assert bench.beat() == 1
    assert place.lost == "revoked"


@pytest.mark.parametrize("call", ["create", "watch"])
def test_what_could_not_be_begun_is_begun_again(bench: Bench, call: str) -> None:
    """Until it is written and watched; and not once more after that."""
    shared = bench.shared()
    bench.connection.refuse(call)
    bench.clean()
    assert not listens(shared)
    bench.let_pass(1.0)
    bench.clean()
    assert listens(shared)
    assert run(shared.sentinel.begin(bench.blocking)) is None
    assert bench.connection.calls.count("watch") == (2 if call == "watch" else 1)


@pytest.mark.parametrize("call", ["create", "watch", "read", "replace"])
def test_breaker_14_no_request_takes_longer_than_a_beats(bench: Bench, place: Place, call: str) -> None:
    """Two seconds for each, where renewals of other sessions waited behind them: a hold was lost."""
    bench.connection.delay(call, TTL)
    began = bench.clock.now()
    if call in {"create", "watch"}:
        bench.shared(20.0)
        patience = bench.patience(20.0)
    else:
        write(bench, place.shared, asked=[entry_of(place.key, place.created)])
        patience = bench.patience(TTL)
    assert bench.beat() == 0  # It is not where renewals are made, either.
    assert bench.clean() == 1
    assert bench.clock.now() - began == pytest.approx(patience)


def test_on_a_session_that_is_dead_it_says_so(bench: Bench) -> None:
    """The first request of a session may be the one that finds out."""
    shared = bench.shared()
    bench.inner.close_session(shared.session, timeout=1.0)
    bench.clean()
    assert shared.dead == "revoked"


def test_stopped_while_it_subscribes(bench: Bench) -> None:
    """The manager was closed meanwhile: the watch is ended when it comes back."""
    shared = bench.shared()
    bench.connection.after("watch", lambda: shared.lose("closed"))
    bench.clean()
    assert not listens(shared)
    assert not bench.connection._lines


def test_stopped_before_it_began(bench: Bench) -> None:
    """Nothing is tried again for a session that is over."""
    shared = bench.shared()
    shared.lose("revoked")
    bench.connection.refuse("create")
    bench.clean()
    bench.let_pass(2.0)
    assert bench.clean() == 0
    assert not listens(shared)


def test_stopped_before_its_look(bench: Bench, place: Place) -> None:
    """A look that was due is not made for what is over."""
    write(bench, place.shared, asked=[entry_of(place.key, place.created)])
    place.shared.lose("closed")
    bench.connection.calls.clear()
    assert bench.clean() == 1
    assert bench.connection.calls == []


def test_the_session_dies_while_the_note_is_emptied(bench: Bench, place: Place) -> None:
    """Found out by the write."""
    write(bench, place.shared, asked=[entry_of(place.key, place.created)])
    bench.connection.before("replace", lambda: bench.inner.close_session(place.shared.session, timeout=1.0))
    bench.clean()
    assert place.lost == "revoked"


def test_contract_2_the_reason_is_read_where_it_is_written(bench: Bench, place: Place) -> None:
    """A release right after a break said 'deleted': nobody had read the note yet."""
    sentinel = place.shared.sentinel
    bench.remove(place.key)
    write(bench, place.shared, **{BROKEN: [entry_of(place.key, place.created)]})
    bench.connection.refuse("read")
    run(sentinel.learn(bench.blocking))
    assert sentinel.reason(place) == "deleted"
    run(sentinel.learn(bench.blocking))
    assert sentinel.reason(place) == "broken"
    bench.remove(sentinel.key)
    run(sentinel.learn(bench.blocking))
    assert sentinel.reason(place) == "broken"


def test_all_sentinels_share_a_name(bench: Bench, other: Bench) -> None:
    """Stores keep a counter and a sidecar for each name: one for all sessions there ever are."""
    keys = [it.shared(ttl).sentinel.key for it in (bench, other) for ttl in (TTL, 5.0)]
    assert len(set(keys)) == 4
    assert {key.rpartition("/")[0] for key in keys} == {"/sentinels/all"}
