"""One try that waits for nobody; and an interrupt where nobody waits."""

from __future__ import annotations

import pytest

from coordination.errors import (
    OutcomeUnknown,
    StoreUnavailable,
)
from coordination.recipes.holding import release
from coordination.runtime import run
from coordination.sharing.place import Place
from tests.sharing.bench import Bench
from tests.sharing.stepping import Cancelled, Task


def given(bench: Bench, place: Place) -> None:
    """Release it."""
    assert run(release(bench.blocking, place, 1.0))


def tried(bench: Bench) -> Place | None:
    """One try."""
    return Task(bench.acquisition().once()).to_the_end()


def test_one_try_waits_for_nobody(bench: Bench, other: Bench) -> None:
    """None if somebody is there, also of our own process, and nothing is left."""
    place = tried(bench)
    assert place is not None
    assert place.held
    assert tried(other) is None
    assert tried(bench) is None
    assert bench.stored() == [place.key]


def test_one_try_where_entering_takes_a_record(plain: Bench) -> None:
    """A store that cannot look first: the record is taken back at once."""
    place = tried(plain)
    assert place is not None
    assert tried(plain) is None
    assert plain.stored() == [place.key]


def test_one_try_on_a_session_that_had_ended(bench: Bench) -> None:
    """Found out by this very request: once more, on a new one."""
    shared = bench.shared()
    bench.inner.close_session(shared.session, timeout=1.0)
    place = tried(bench)
    assert place is not None
    assert place.held
    assert place.shared is not shared


def test_one_try_that_fails_leaves_nothing(bench: Bench) -> None:
    """The store's own error, and what may have been written is removed."""
    bench.connection.lose_answer("enter")
    with pytest.raises(OutcomeUnknown):
        tried(bench)
    bench.clean()
    assert bench.stored() == []


def test_one_try_that_gets_no_session(bench: Bench) -> None:
    """There is no place yet to be given up."""
    bench.connection.refuse("open_session")
    with pytest.raises(StoreUnavailable):
        tried(bench)
    assert bench.cleaning == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Cancelled()])
def test_an_interrupt_where_nobody_waits_strands_nobody(bench: Bench, error: BaseException) -> None:
    """A signal may strike between two steps: the turn of entering comes back, and the place goes."""
    bench.shared()
    bench.connection.before("enter", lambda: (_ for _ in ()).throw(error))
    with pytest.raises(type(error)):
        bench.acquiring().to_the_end()
    assert bench.sharing._first == {}
    assert bench.held().held
    bench.clean()
    assert len(bench.stored()) == 1


def test_an_interrupt_in_a_line_gives_the_turn_of_entering_back(bench: Bench) -> None:
    """Others of the line enter after it."""
    place = bench.held()
    waiting = bench.acquiring()
    bench.connection.before("enter", lambda: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        bench.acquiring().to_the_end()
    last = bench.acquiring()
    bench.clean()
    assert len(bench.stored()) == 3
    given(bench, place)
    given(bench, waiting.to_the_end())
    assert last.to_the_end().held
