"""The index of a datacenter only rises; and which session a record hung on when it was last seen."""

from __future__ import annotations

import pytest

from coordination.errors import StoreReplaced
from coordination.record import Record
from coordination.stores.consul.history import History
from coordination.stores.consul.seen import MOST, Seen
from tests.consul.scripted import OTHER, SESSION


def test_an_index_rises() -> None:
    """Each write is above all that had been seen when it began."""
    history = History()
    for index in (5, 6, 100):
        history.wrote(index, history.floor())
    assert history.floor() == 100


def test_writes_side_by_side_may_end_in_any_order() -> None:
    """What began before the other one was known is judged by what was known then."""
    history = History()
    one = two = history.floor()
    history.wrote(8, two)
    history.wrote(7, one)
    assert history.floor() == 8


@pytest.mark.parametrize("index", [1, 19, 20])
def test_an_index_that_was_given_out_before(index: int) -> None:
    """Ends it for good, also for those who ask later."""
    history = History()
    history.wrote(20, history.floor())
    with pytest.raises(StoreReplaced, match="restored or replaced"):
        history.wrote(index, history.floor())
    with pytest.raises(StoreReplaced):
        history.floor()


def record(key: str, index: int, session: str | None) -> Record:
    """As it was read."""
    return Record(key, b"", 1, index, session)


def test_a_holder_is_known_at_that_index_alone() -> None:
    """At another one it may hang on another session, or on none."""
    seen = Seen()
    assert seen.note(record("x", 5, SESSION)) == record("x", 5, SESSION)
    assert [seen.holder("x", index) for index in (4, 5, 6)] == [None, SESSION, None]
    seen.note(record("x", 6, OTHER))
    assert [seen.holder("x", index) for index in (5, 6)] == [None, OTHER]
    seen.note(record("x", 7, None))
    assert seen.holder("x", 7) == ""
    assert seen.holder("y", 7) is None


def test_few_are_remembered() -> None:
    """The latest ones; one that is seen again counts as one of them."""
    seen = Seen()
    for number in range(MOST):
        seen.note(record(str(number), 5, SESSION))
    seen.note(record("0", 6, SESSION))
    seen.note(record("new", 5, SESSION))
    assert seen.holder("0", 6) == SESSION
    assert seen.holder("1", 5) is None
    assert seen.holder("2", 5) == SESSION
