"""What an answer must look like, exactly: every other type is an answer without sense."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.record import Record
from coordination.stores.consul.answers import Entry, decoded, entries, parsed
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.message import Answer, Failed
from tests.consul.scripted import SESSION, entry, said

KEYS = Keys("p")
NO_INDEX: list[object] = [0, -1, 2**63, 1.0, True, "7", None, [7]]
NO_TEXT: list[object] = [None, 5, True, ["a"], {}]
GOOD: dict[str, Any] = {
    **entry("p/@/leases/x", 7)["KV"],
    "Value": "e30=",
    "Session": SESSION,
    "CreateIndex": 3,
}


def test_an_entry_as_consul_gives_it() -> None:
    """Each field in its place; without a session there is none, and null is no value at all."""
    assert Entry(GOOD).record(KEYS) == Record("/leases/x", b"{}", 3, 7, SESSION)
    bare = {name: value for name, value in GOOD.items() if name != "Session"}
    assert Entry({**bare, "Value": None}).record(KEYS) == Record("/leases/x", b"", 3, 7, None)
    assert Entry({**GOOD, "Session": ""}).record(KEYS).session is None


@pytest.mark.parametrize(
    "wrong",
    [
        *({"ModifyIndex": index} for index in NO_INDEX),
        *({"CreateIndex": index} for index in NO_INDEX),
        *({name: text} for name in ("Key", "Session") for text in NO_TEXT),
    ],
    ids=str,
)
def test_an_entry_of_other_types(wrong: dict[str, object]) -> None:
    """Is none, though Python would go on with most of them."""
    with pytest.raises(Failed, match="makes no sense"):
        Entry({**GOOD, **wrong})


@pytest.mark.parametrize("missing", ["Key", "ModifyIndex", "CreateIndex"])
def test_an_entry_with_something_missing(missing: str) -> None:
    """Is none, and neither is what is no object."""
    with pytest.raises(Failed, match="without its fields"):
        Entry({name: value for name, value in GOOD.items() if name != missing})
    others: list[object] = [None, [], "Key", 5]
    for none in others:
        with pytest.raises(Failed, match="without its fields"):
            Entry(none)


@settings(deadline=None)
@given(st.binary())
def test_values_come_back(value: bytes) -> None:
    """As they were sent."""
    assert decoded(base64.b64encode(value).decode()) == value


@pytest.mark.parametrize("value", ["e3", "é===", "e30=\n", "e 30=", 5, True, [], {}, ["e30="]], ids=repr)
def test_values_that_are_not_base64(value: object) -> None:
    """Are an answer without sense."""
    with pytest.raises(Failed, match="not base64"):
        decoded(value)


def test_no_list_where_one_should_be() -> None:
    """A 404 is an empty one, nothing else is."""
    assert entries(said("", 404)) == []
    others: list[object] = [{}, None, "x", 5]
    for none in others:
        with pytest.raises(Failed, match="no list"):
            entries(said(json.dumps(none)))


@pytest.mark.parametrize(
    "body", [b"[{}" + b",{}" * 100_000 + b"]", b"[" * 100_000, b"1" * 500_000, b"\xff", b""]
)
def test_json_that_costs_more_than_it_says(body: bytes) -> None:
    """Is not even parsed, or not to its end."""
    with pytest.raises(Failed, match=r"no JSON|too many parts"):
        parsed(Answer(200, 1, body))


def test_ten_thousand_leases_are_not_too_many_parts() -> None:
    """What a store of ours can hold is read, also where each part is as small as it can be."""
    small = {**GOOD, "LockIndex": 0, "Flags": 0, "Key": "p/@/leases/x", "Value": "e30="}
    results = [{"KV": small}] * 10_000
    answer = Answer(200, 1, json.dumps({"Results": results, "Errors": None}, separators=(",", ":")).encode())
    assert len(parsed(answer)["Results"]) == len(results)


def test_nonsense_may_have_been_applied() -> None:
    """Who answers nonsense to a write has had it."""
    with pytest.raises(Failed) as caught:
        parsed(said("nonsense"))
    assert caught.value.sent
