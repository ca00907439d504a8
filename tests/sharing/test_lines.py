"""The lines of a manager: who comes first does without one, and an empty one listens for a while."""

from __future__ import annotations

from coordination.sharing.lines import LINGER
from coordination.sharing.lookout import Folder
from coordination.sharing.waiter import Waiter
from tests.sharing.bench import Bench, folder
from tests.sharing.stepping import Bell

A = folder("a")


def waiter() -> Waiter:
    """One call, which can be woken."""
    made = Waiter()
    made.signal = Bell()
    return made


def test_the_first_one_needs_no_line(bench: Bench) -> None:
    """Only who comes while somebody is entering waits in a line, behind that one."""
    first, second = waiter(), waiter()
    assert bench.sharing.join(A, first) is None
    line = bench.sharing.join(A, second)
    assert line is not None
    assert not line.entering.try_take(second)  # The first one enters still.
    bench.sharing.quit(A, first, None)
    assert line.entering.try_take(second)


def test_a_name_is_free_again_when_the_first_one_quits(bench: Bench) -> None:
    """Nothing is kept of a name that nobody wants."""
    first, second = waiter(), waiter()
    assert bench.sharing.join(A, first) is None
    bench.sharing.quit(A, first, None)
    assert bench.sharing.join(A, second) is None


def test_others_names_are_no_concern(bench: Bench) -> None:
    """A line is of one queue."""
    assert bench.sharing.join(A, waiter()) is None
    assert bench.sharing.join(folder("b"), waiter()) is None


def test_the_first_one_lines_up_ahead_of_who_came_meanwhile(bench: Bench) -> None:
    """It keeps the turn of entering that it had without a line."""
    first, second = waiter(), waiter()
    bench.sharing.join(A, first)
    line = bench.sharing.join(A, second)
    assert bench.sharing.line_up(A, first) is line
    assert line is not None
    assert not line.entering.try_take(second)
    bench.sharing.quit(A, first, line)
    assert line.entering.try_take(second)


def test_an_empty_line_that_does_not_listen_is_let_go_at_once(bench: Bench) -> None:
    """There is nothing to linger for."""
    one = waiter()
    line = bench.sharing.line_up(A, one)
    bench.sharing.quit(A, one, line)
    assert bench.cleaning == []
    assert bench.sharing.join(A, waiter()) is None


def test_a_line_that_listens_to_the_queue_stays_for_a_while(bench: Bench) -> None:
    """A busy name does not begin a subscription for each acquisition; a quiet one ends it."""
    one, two = waiter(), waiter()
    line = bench.sharing.line_up(A, one)
    line.lookout.begin("", 1.0)
    bench.sharing.quit(A, one, line)
    bench.let_pass(LINGER / 2)
    assert bench.sharing.join(A, two) is line
    bench.sharing.quit(A, two, line)  # Quiet again: it lingers from now on.
    bench.let_pass(LINGER / 2)
    assert bench.clean() == 1
    assert line.lookout.covers("")
    bench.let_pass(LINGER / 2)
    assert bench.clean() == 1
    assert not line.lookout.covers("")
    assert bench.sharing.join(A, waiter()) is None
    assert bench.cleaning == []


def test_a_line_somebody_waits_in_is_not_dissolved(bench: Bench) -> None:
    """Whoever came while it lingered keeps it; when it is quiet again it is let go after all."""
    one, two = waiter(), waiter()
    line = bench.sharing.line_up(A, one)
    line.lookout.begin("", 1.0)
    bench.sharing.quit(A, one, line)
    bench.sharing.join(A, two)
    bench.let_pass(LINGER)
    bench.clean()
    assert line.lookout.covers("")
    bench.sharing.quit(A, two, line)
    bench.let_pass(LINGER)
    assert bench.clean() == 1
    assert not line.lookout.covers("")


def test_closing_wakes_everybody(bench: Bench) -> None:
    """Whoever waits looks whether its manager still is there; the lookouts are ended."""
    one, two = waiter(), waiter()
    line = bench.sharing.line_up(A, one)
    bench.sharing.line_up(folder("b"), two)
    line.lookout.begin("", 1.0)
    bench.sharing.dismiss()
    bells = [it.signal for it in (one, two)]
    assert [isinstance(bell, Bell) and bell.rung for bell in bells] == [True, True]
    assert not (one.look or two.look)
    assert not line.lookout.covers("")


def test_a_subscription_that_comes_back_after_the_end_is_closed(bench: Bench) -> None:
    """The line was dismissed while the store was asked: nothing may stay subscribed."""
    told: list[str] = []
    store = bench.connection
    lookout = bench.sharing.lookout(A, told.append)
    assert isinstance(lookout, Folder)
    store.after("departures", lookout.close)
    lookout.begin("", 1.0)
    place = bench.held()
    bench.remove(place.key)
    assert told == []
    assert not lookout.covers("")


def test_a_second_subscription_is_one_too_many(bench: Bench) -> None:
    """Two who began it at the same time: one stays, and everything is told once."""
    told: list[str] = []
    lookout = bench.sharing.lookout(A, told.append)
    lookout.begin("", 1.0)
    lookout.begin("", 1.0)
    place = bench.held()
    bench.remove(place.key)
    assert told == [place.key]
