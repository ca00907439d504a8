"""Looking at many keys at once: which requests it takes to know the index of each."""

from __future__ import annotations

import threading
from typing import cast

import pytest

from coordination.clock import SystemClock
from coordination.errors import PermissionDenied
from coordination.stores.consul.looks import ROUNDS, Looks
from coordination.stores.consul.transactions import Outcome, Transactions
from coordination.stores.consul.watched import Watched
from tests.consul.polled import FakeConsul

FOLDER = "n/leases/"


@pytest.fixture
def consul() -> FakeConsul:
    return FakeConsul()


def looks(consul: FakeConsul) -> Looks:
    return Looks(SystemClock(), cast(Transactions, consul), threading.RLock())


def verbs(consul: FakeConsul) -> list[list[str]]:
    """Of each transaction."""
    return [[operation["KV"]["Verb"] for operation in look] for look in consul.looks]


def test_what_is_as_believed_takes_one_transaction(consul: FakeConsul) -> None:
    """Without any value in its answer."""
    index = consul.put("a")
    assert looks(consul).indexes({"p/a": index, "p/b": 0}, 1.0) == {"p/a": index, "p/b": 0}
    assert verbs(consul) == [["check-index", "check-not-exists"]]


def test_every_wrong_belief_is_found_at_once(consul: FakeConsul) -> None:
    """Moved, gone and new ones: one more transaction names those that are gone, a third has the indexes."""
    kept, moved, new = consul.put("kept"), consul.put("moved"), consul.put("new")
    beliefs = {"p/kept": kept, "p/moved": 1, "p/gone": 2, "p/new": 0}
    found = looks(consul).indexes(beliefs, 1.0)
    assert found == {"p/kept": kept, "p/moved": moved, "p/gone": 0, "p/new": new}
    assert verbs(consul)[1:] == [["get"] * 3, ["get"] * 2]


@pytest.mark.parametrize("there", [True, False])
def test_one_key_of_which_nothing_is_known_takes_one(consul: FakeConsul, there: bool) -> None:
    """It is simply read."""
    index = consul.put("a") if there else 0
    assert looks(consul).indexes({"p/a": None}, 1.0) == {"p/a": index}
    assert verbs(consul) == [["get"]]


def test_keys_that_never_keep_still_are_left_out(consul: FakeConsul) -> None:
    """After a few rounds; what is known by then is answered."""
    kept = consul.put("kept")
    consul.put("a")

    def flip() -> None:
        for name in ("a", "b"):
            consul.drop(name) if f"p/{name}" in consul.keys else consul.put(name)

    consul.before_look = flip
    found = looks(consul).indexes({"p/a": None, "p/b": None, "p/kept": kept}, 1.0)
    assert len(consul.looks) <= ROUNDS
    assert found["p/kept"] == kept


def test_what_may_not_be_read_is_an_error() -> None:
    """Consul leaves such a key out of its answer instead of saying so."""

    class Silent:
        def read(self, _operations: object, _timeout: float) -> Outcome:
            return Outcome([], {})

    look = Looks(SystemClock(), cast(Transactions, Silent()), threading.RLock())
    with pytest.raises(PermissionDenied, match="p/a"):
        look.indexes({"p/a": None}, 1.0)


def test_a_look_that_others_overtook_is_dropped(consul: FakeConsul) -> None:
    """It may be the older one: who overtook it goes on looking, and knows better."""
    consul.put("a")
    watched = Watched("a", "p/a")

    def overtake() -> None:
        watched.found(99)

    consul.before_look = overtake
    assert looks(consul).look([watched], 1.0) == []
    assert watched.index == 99
    consul.before_look = lambda: None
    assert looks(consul).look([watched], 1.0) == [watched]
    assert watched.index == consul.keys["p/a"]
