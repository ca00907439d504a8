"""Where no store tells of a whole queue, the first waiter watches the one it waits for."""

from __future__ import annotations

import pytest

from coordination.sharing.lookout import Lookout, Nearest
from coordination.stores.memory import MemoryStore
from tests.sharing.bench import Bench, folder


@pytest.fixture
def told() -> list[str]:
    """What the lookout told."""
    return []


@pytest.fixture
def lookout(plain: Bench, told: list[str]) -> Lookout:
    """On a store that tells of single keys alone."""
    made = plain.sharing.lookout(folder("a"), told.append)
    assert isinstance(made, Nearest)
    return made


def watches(bench: Bench) -> int:
    """How many the store has."""
    assert isinstance(bench.inner, MemoryStore)
    return len(bench.inner._watches)


def test_one_watch_for_the_one_ahead(plain: Bench, lookout: Lookout, told: list[str]) -> None:
    """Its end is told; of others nothing is covered."""
    one, two = plain.held("a"), plain.held("b")
    lookout.begin(one.key, 1.0)
    assert lookout.covers(one.key)
    assert not lookout.covers(two.key)
    plain.remove(two.key)
    plain.remove(one.key)
    assert told == [one.key]


def test_another_one_ahead_is_another_watch(plain: Bench, lookout: Lookout, told: list[str]) -> None:
    """The former is ended first."""
    one, two = plain.held("a"), plain.held("b")
    before = watches(plain)
    lookout.begin(one.key, 1.0)
    lookout.begin(two.key, 1.0)
    assert watches(plain) == before + 1
    assert lookout.covers(two.key)
    assert not lookout.covers(one.key)
    lookout.close()
    lookout.close()
    assert watches(plain) == before
    assert not lookout.covers(two.key)


def test_its_own_beginning_is_no_departure(plain: Bench, lookout: Lookout, told: list[str]) -> None:
    """The store tells of the record as it is; only its end is news."""
    one = plain.held("a")
    lookout.begin(one.key, 1.0)
    record = plain.record(one.key)
    assert record is not None
    plain.inner.replace(one.key, b"", one.shared.session, record.index, timeout=1.0)
    assert told == []


def test_gone_before_the_watch_began_is_told(plain: Bench, lookout: Lookout, told: list[str]) -> None:
    """It went between the look and the watch."""
    one = plain.held("a")
    plain.held("b")
    plain.remove(one.key)
    lookout.begin(one.key, 1.0)
    assert told == [one.key]


def test_closed_while_it_began_nothing_stays(plain: Bench, lookout: Lookout) -> None:
    """The watch came back after the line was let go."""
    one = plain.held("a")
    before = watches(plain)
    plain.connection.after("watch", lookout.close)
    lookout.begin(one.key, 1.0)
    assert watches(plain) == before
    assert not lookout.covers(one.key)


def test_breaker_15_begun_twice_one_of_them_is_closed(plain: Bench, lookout: Lookout) -> None:
    """A waiter was cancelled while its watch began, and the next began the same: the first never ended."""
    one = plain.held("a")
    before = watches(plain)
    plain.connection.after("watch", lambda: lookout.begin(one.key, 1.0))
    lookout.begin(one.key, 1.0)
    assert watches(plain) == before + 1
    assert lookout.covers(one.key)
    lookout.close()
    assert watches(plain) == before


def test_overtaken_while_it_began_the_later_one_stays(plain: Bench, lookout: Lookout) -> None:
    """Two waiters were the first one after the other: what the later one wants is watched."""
    one, two = plain.held("a"), plain.held("b")
    before = watches(plain)
    plain.connection.after("watch", lambda: lookout.begin(two.key, 1.0))
    lookout.begin(one.key, 1.0)
    assert watches(plain) == before + 1
    assert lookout.covers(two.key)
