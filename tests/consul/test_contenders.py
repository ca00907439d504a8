"""Watching contenders: one request for each that leaves, and in a crowd one list for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from coordination.errors import StoreUnavailable
from coordination.stores.consul.failures import AnswerTooLarge
from coordination.stores.consul.folds import BURST
from coordination.stores.consul.queries import OWN
from coordination.stores.consul.watches import Watches
from tests.consul.polled import FakeConsul, eventually
from tests.consul.subscribers import Subscriber, fold_waits, threads

FOLDER = "/v1/kv/p/n/locks/"


class Seeing(FakeConsul):
    """With watches that know at which index a contender was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}

    def contenders(self, count: int) -> list[int]:
        """Their indexes, as they were seen."""
        for number in range(count):
            self.seen[key(number)] = self.put(key(number))
        return list(self.seen.values())

    @property
    def lists(self) -> int:
        """How often all keys were asked for."""
        return self.polls.count((FOLDER, "keys&consistent"))


def key(number: int) -> str:
    """The holder of one of many locks."""
    return f"n/locks/{number:04}/holder"


@pytest.fixture
def consul() -> Seeing:
    return Seeing()


@pytest.fixture
def watches(consul: Seeing) -> Watches:
    made = consul.watches()
    made._seen = consul.seen.get
    return made


@pytest.fixture(autouse=True)
def _ended(watches: Watches) -> Iterator[None]:
    yield
    watches.close()
    assert eventually(lambda: not threads()), "a thread outlived its store"


def crowd(consul: Seeing, watches: Watches, count: int = OWN + 14) -> list[Subscriber]:
    """Who waits for so many locks."""
    last = max(consul.contenders(count))
    return [Subscriber(watches, key(number), last) for number in range(count)]


def test_one_request_for_one_that_leaves(
    consul: Seeing, watches: Watches, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll that begins where it was seen: no look before, and none after it."""
    monkeypatch.setattr("coordination.stores.consul.single.DEPARTED", 60.0)
    [seen] = consul.contenders(1)
    subscriber = Subscriber(watches, key(0), seen)
    assert eventually(lambda: len(consul.polls) == 1)
    consul.drop(key(0))
    assert subscriber.hears((key(0), 0))
    consul.put("n/locks/other/me")
    subscriber.watching.close()
    assert eventually(lambda: not threads())
    [(path, query)] = consul.polls
    assert (path, query.split("&")[0]) == (f"{FOLDER}0000/holder", f"index={seen}")
    assert consul.looks == []


def test_one_that_left_before_is_told(consul: Seeing, watches: Watches) -> None:
    """By the poll, which comes back at once."""
    [seen] = consul.contenders(1)
    consul.drop(key(0))
    assert Subscriber(watches, key(0), seen).hears((key(0), 0))
    assert consul.looks == []


def test_one_that_was_not_seen_is_looked_at(consul: Seeing, watches: Watches) -> None:
    """As everything else: its change is told before the watch begins."""
    index = consul.put(key(0))
    assert Subscriber(watches, key(0), index - 1).told == [(key(0), index)]
    assert len(consul.looks) == 1


def test_a_second_who_waits_for_it(consul: Seeing, watches: Watches) -> None:
    """They share the poll, and both are told."""
    [seen] = consul.contenders(1)
    both = [Subscriber(watches, key(0), seen) for _ in range(2)]
    assert (threads(), consul.looks) == (1, [])
    consul.drop(key(0))
    assert all(it.hears((key(0), 0)) for it in both)


def test_one_that_comes_back_after_all_is_told(consul: Seeing, watches: Watches) -> None:
    """Nobody of ours does that, but it is what a watch promises."""
    subscriber = Subscriber(watches, key(0), max(consul.contenders(1)))
    consul.drop(key(0))
    assert subscriber.hears((key(0), 0))
    again = consul.put(key(0))
    assert subscriber.hears((key(0), again))


def test_one_list_tells_who_left_of_a_crowd(consul: Seeing, watches: Watches) -> None:
    """Whatever the number of locks that are waited for; and it costs nothing while nothing happens."""
    subscribers = crowd(consul, watches, 300)
    assert threads() == OWN + 1
    own = {f"{FOLDER}{number:04}/holder" for number in range(OWN)}
    assert eventually(lambda: fold_waits(consul) and own <= {path for path, _ in list(consul.polls)})
    looks, lists, polls = len(consul.looks), consul.lists, len(consul.polls)
    consul.rest()
    assert (len(consul.looks), len(consul.polls)) == (looks, polls)
    for number in (OWN, 150, 299):
        consul.drop(key(number))
        assert subscribers[number].hears((key(number), 0))
    assert consul.lists - lists <= 3
    assert len(consul.looks) == looks
    assert [number for number, it in enumerate(subscribers) if it.told] == [OWN, 150, 299]


def test_many_who_leave_at_once(consul: Seeing, watches: Watches) -> None:
    """All are told within a burst of requests, though the folder is busy."""
    subscribers = crowd(consul, watches, 300)
    assert eventually(lambda: fold_waits(consul))
    before = consul.lists
    for number in range(300):
        consul.drop(key(number))
    for number, subscriber in enumerate(subscribers):
        assert subscriber.hears((key(number), 0))
    assert consul.lists - before <= BURST


def test_our_own_write_hides_nobody_who_left(consul: Seeing, watches: Watches) -> None:
    """Where somebody waits, the folder is looked at also when its last change was ours."""
    subscribers = crowd(consul, watches)
    assert eventually(lambda: fold_waits(consul))
    with consul._moved:
        del consul.keys[f"p/{key(20)}"]
        ours = consul.hidden("n/locks/x/me")
        watches.wrote("n/locks/x/me", ours)
        consul._moved.notify_all()
    assert subscribers[20].hears((key(20), 0))


def test_a_list_that_fails_is_made_up_for(consul: Seeing, watches: Watches) -> None:
    """The same change is asked for again."""
    subscribers = crowd(consul, watches)
    assert eventually(lambda: fold_waits(consul))
    failures = [StoreUnavailable("once")]
    ask = consul.ask

    def unlucky(*args: Any) -> Any:
        if failures:
            raise failures.pop()
        return ask(*args)

    consul.ask = unlucky  # type: ignore[assignment]
    consul.drop(key(20))
    assert subscribers[20].hears((key(20), 0))
    assert failures == []


def test_too_many_keys_to_list_are_checked(consul: Seeing, watches: Watches) -> None:
    """Strangers filled the folder: then looks tell who left, sixty-four at a time."""
    subscribers = crowd(consul, watches)
    assert eventually(lambda: fold_waits(consul))

    def too_long(*_: object) -> object:
        raise AnswerTooLarge("the answer is too long")

    consul.ask = too_long  # type: ignore[assignment]
    consul.drop(key(20))
    assert subscribers[20].hears((key(20), 0))
