"""Opening the shared session of a ttl: once, whoever is cancelled, or closes the manager, meanwhile."""

from __future__ import annotations

import pytest

from coordination.errors import ConfigurationError, OutcomeUnknown, StoreUnavailable
from coordination.record import Session
from coordination.sharing.session import Shared
from coordination.stores.memory import MemoryStore
from coordination.timing import ONE_TRY, Deadline
from tests.sharing.bench import TTL, Bench
from tests.sharing.stepping import Task


def opening(bench: Bench, timeout: float | None = None, ttl: float = TTL) -> Task[Shared]:
    """A call that needs the session."""
    bound = Deadline(bench.clock, timeout)
    return Task(bench.sharing.session(bench.runtime, ttl, bound, bench.timeout))


def sessions(bench: Bench) -> int:
    """How many the store has."""
    assert isinstance(bench.inner, MemoryStore)
    return len(bench.inner._state.sessions)


def test_one_opens_it_and_the_others_wait(bench: Bench) -> None:
    """Ten need it at once: one request."""
    bench.runtime.slow = True
    calls = [opening(bench) for _ in range(10)]
    found = {call.to_the_end() for call in calls}
    assert len(found) == 1
    assert bench.connection.calls == ["open_session"]
    assert opening(bench).to_the_end() in found


def test_each_ttl_has_its_own(bench: Bench) -> None:
    """Nobody's loss is found out later than by his own ttl."""
    one, two = bench.shared(5.0), bench.shared(20.0)
    assert (one.ttl, two.ttl) == (5.0, 20.0)
    assert one.incarnation != two.incarnation
    assert bench.sharing.sessions() == [one, two]
    assert bench.shared(5.0) is one


def test_one_that_is_slow_holds_up_no_other_ttl(bench: Bench) -> None:
    """Each ttl opens its own by itself."""
    bench.runtime.slow = True
    slow = opening(bench, ttl=5.0)
    assert opening(bench, ttl=20.0).to_the_end().ttl == 20.0
    assert slow.to_the_end().ttl == 5.0


def test_who_opens_fails_and_the_next_one_tries(bench: Bench) -> None:
    """Its failure is its own."""
    bench.runtime.slow = True
    bench.connection.refuse("open_session")
    first, second = opening(bench), opening(bench)
    with pytest.raises(StoreUnavailable):
        first.to_the_end()
    assert second.to_the_end() is bench.sharing.alive(TTL)


def test_who_opens_is_cancelled_before_the_request(bench: Bench) -> None:
    """A thread makes it all the same: two sessions come of it, and one of them is ended."""
    bench.runtime.slow = True
    first, second = opening(bench), opening(bench)
    assert first.cancel()
    found = second.to_the_end()
    late = bench.runtime.unmade.pop()()
    assert late is found
    assert bench.sharing.alive(TTL) is found
    bench.clean()
    assert sessions(bench) == 1
    assert bench.guarded == [found]


def test_who_opens_is_cancelled_before_the_answer(bench: Bench) -> None:
    """What it opened is used by the next one."""
    bench.runtime.slow = True
    first, second = opening(bench), opening(bench)
    first.go()
    assert first.cancel()
    second.to_the_end()
    assert sessions(bench) == 1


def test_cli_2_no_time_left_is_one_try(bench: Bench) -> None:
    """`acquire(timeout=0)` failed on a healthy store, for a session had to be opened in no time at all."""
    asked: list[float] = []
    inner = bench.inner.open_session

    def noting(ttl: float, *, timeout: float) -> Session:
        asked.append(timeout)
        return inner(ttl, timeout=timeout)

    bench.inner.open_session = noting  # type: ignore[method-assign]
    assert opening(bench, timeout=0.0).to_the_end().dead is None
    assert asked == [ONE_TRY]


def test_who_waits_for_the_opening_has_a_bound_too(bench: Bench) -> None:
    """It says that nothing was done; the one who opens goes on."""
    bench.runtime.slow = True
    first, second = opening(bench), opening(bench, timeout=0.0)
    bench.let_pass(ONE_TRY)
    with pytest.raises(StoreUnavailable, match="nothing was done"):
        second.to_the_end()
    assert first.to_the_end().dead is None


def test_closed_while_it_is_opened(bench: Bench) -> None:
    """Nobody would ever end it: it is ended here."""

    def close() -> None:
        bench.closed = True

    bench.connection.after("open_session", close)
    with pytest.raises(ConfigurationError):
        opening(bench).to_the_end()
    assert (sessions(bench), bench.guarded, bench.cleaning) == (0, [], [])


def test_no_thread_for_the_watchdog(bench: Bench) -> None:
    """Nobody would tell of its loss: it is ended, and the error is told, also if the store fails then."""

    def none(_watched: object) -> None:
        raise StoreUnavailable("no thread")

    bench.guard = none  # type: ignore[method-assign, assignment]
    bench.connection.refuse("close_session")
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="no thread"):
            opening(bench).to_the_end()
    assert sessions(bench) == 1  # Refused once; it expires.
    assert bench.sharing.alive(TTL) is None


def test_a_lost_answer_leaves_a_session_that_expires(bench: Bench) -> None:
    """Nobody knows its id: the error is told, and the next try opens another."""
    bench.connection.lose_answer("open_session")
    with pytest.raises(OutcomeUnknown):
        opening(bench).to_the_end()
    assert opening(bench).to_the_end().dead is None
