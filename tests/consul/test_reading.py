"""Reading many records: at one moment if an answer may hold them, else in pages that shrink as they must."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from coordination.errors import PermissionDenied, StoreUnavailable
from coordination.stores.consul.failures import AnswerTooLarge
from coordination.stores.consul.history import History
from coordination.stores.consul.message import LARGE, Request, TooMuch
from coordination.stores.consul.reading import PAGE, TRIES, Reading
from coordination.stores.consul.transactions import Transactions
from tests.consul.scripted import Say, ScriptedAgent, cluster, done, entry, failed, said

FOLDER = "p/@/leases/"
DENIED = said("Permission denied", 403)


class Stored:
    """An agent that keeps values; their contents are repeated only as far as their size matters."""

    def __init__(self, **sizes: int) -> None:
        self.sizes = {f"{FOLDER}{name}": size for name, size in sizes.items()}
        self.before_page: Callable[[list[str]], object] = lambda keys: None
        self.pages: list[int] = []
        self.denied = False
        self.agent = ScriptedAgent(self._answer)
        on = cluster(self.agent)
        self.reading = Reading(on, Transactions(on, History()))

    def names(self) -> list[str]:
        """Of the records that are read."""
        return [found.key.removeprefix(FOLDER) for found in self.reading.below(FOLDER, 10.0)]

    def _answer(self, request: Request) -> Say:
        if request.method == "GET":
            return self._got(request)
        steps = [step["KV"] for step in json.loads(request.body or b"[]")]
        if steps[0]["Verb"] == "get-tree":
            return self._found(request, sorted(self.sizes))
        keys = [step["Key"] for step in steps]
        self.pages.append(len(keys))
        self.before_page(keys)
        missing = [(place, "key doesn't exist") for place, key in enumerate(keys) if key not in self.sizes]
        return failed(*missing) if missing else self._found(request, keys)

    def _got(self, request: Request) -> Say:
        assert "consistent" in request.query
        if self.denied:
            return DENIED
        if "keys" not in request.query:
            return said("", 404)
        assert unquote(request.path) == f"/v1/kv/{FOLDER}"
        return said(sorted(self.sizes)) if self.sizes else said("", 404)

    def _found(self, request: Request, keys: list[str]) -> Say:
        if sum(self.sizes[key] * 4 // 3 for key in keys) > request.limit:
            return TooMuch(request.limit)
        value: Any = base64.b64encode(b"{}").decode()
        return done(*(entry(key, 7, Value=value) for key in keys))


def test_few_are_read_at_one_moment() -> None:
    """One transaction, and nobody is asked whether we may."""
    stored = Stored(a=100, b=100)
    assert stored.names() == ["a", "b"]
    assert len(stored.agent.asked) == 1


def test_more_than_an_answer_may_hold() -> None:
    """Their keys, then all of them, in pages; in order, and each once."""
    stored = Stored(**{f"{number:03}": 64 * 1024 for number in range(100)})
    assert stored.names() == [f"{number:03}" for number in range(100)]
    assert stored.pages == [*[PAGE] * 6, 4]


def test_what_goes_between_the_keys_and_its_page() -> None:
    """It is left out; the others of its page are read without it."""
    stored = Stored(**{f"{number:03}": 64 * 1024 for number in range(100)})
    gone = [f"{FOLDER}{number:03}" for number in (3, 40, 41, 99)]

    def go(_keys: list[str]) -> None:
        for key in gone:
            stored.sizes.pop(key, None)

    stored.before_page = go
    assert stored.names() == [f"{number:03}" for number in range(100) if number not in (3, 40, 41, 99)]


def test_a_page_of_which_all_are_gone() -> None:
    """Nothing is asked for."""
    stored = Stored(**{f"{number:02}": 64 * 1024 for number in range(40)})
    stored.before_page = lambda _keys: stored.sizes.clear()
    assert stored.names() == []
    assert stored.pages == [PAGE, PAGE, 8]


def test_a_page_that_never_keeps_still() -> None:
    """It has an end: a key goes before each try."""
    stored = Stored(**{f"{number:03}": 64 * 1024 for number in range(100)})
    stored.before_page = lambda keys: stored.sizes.pop(keys[0])
    with pytest.raises(StoreUnavailable):
        stored.names()
    assert len(stored.pages) == TRIES


def test_a_page_that_is_too_large_is_halved() -> None:
    """Strangers may keep larger values than ours: eleven of 512 KiB, of which four fit."""
    stored = Stored(**{f"big-{number:02}": 512 * 1024 for number in range(11)}, ours=100)
    assert stored.names() == [*(f"big-{number:02}" for number in range(11)), "ours"]
    assert stored.pages[0] == 12
    assert len(stored.pages) < 2 * 12


def test_one_that_is_too_large_alone_is_left_out() -> None:
    """It is no lease of ours; those around it are read all the same."""
    stored = Stored(a=100, b=LARGE, c=100, d=2 * LARGE, e=100)
    assert stored.names() == ["a", "c", "e"]
    stored = Stored(a=LARGE)
    assert stored.names() == []


def test_more_keys_than_an_answer_may_hold() -> None:
    """Nothing can be done for that: it is said."""
    agent = ScriptedAgent(lambda request: TooMuch(request.limit))
    on = cluster(agent)
    with pytest.raises(AnswerTooLarge, match=f"more than {LARGE} bytes"):
        Reading(on, Transactions(on, History())).below(FOLDER, 10.0)
    assert len(agent.asked) == 2


def test_nothing_is_confirmed_by_one_look() -> None:
    """Of what a token may not read Consul says that it is not there; asked by its path it says so."""
    stored = Stored()
    assert stored.names() == []
    assert [request.method for request in stored.agent.asked] == ["PUT", "GET"]
    assert unquote(stored.agent.asked[1].path) == f"/v1/kv/{FOLDER}x"
    stored.denied = True
    with pytest.raises(PermissionDenied):
        stored.names()


def test_braces_in_strangers_keys() -> None:
    """They are no parts of an answer."""
    names = [f"{number}{'{' * 2000}" for number in range(3)]
    assert Stored(**dict.fromkeys(names, 10)).names() == names
