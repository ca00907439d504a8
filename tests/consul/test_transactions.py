"""What goes to /v1/txn and what its answers mean, on agents that say what they are told to."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from coordination.errors import (
    AuthFailed,
    CoordinationError,
    OutcomeUnknown,
    PermissionDenied,
    SessionLost,
    StoreRefused,
    StoreReplaced,
    StoreUnavailable,
    ValueTooLarge,
)
from coordination.stores.consul.history import History
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.transactions import (
    LARGEST_REQUEST,
    MOST_OPERATIONS,
    Outcome,
    Transactions,
    operation,
    unexpected,
    writing,
)
from tests.consul.scripted import (
    OTHER,
    SESSION,
    SILENT,
    Say,
    ScriptedAgent,
    cluster,
    done,
    entry,
    failed,
    said,
)

KEY = "p/@/leases/x"
LOCK = writing("lock", KEY, b"{}", Session=SESSION)


def on(*script: Say) -> tuple[Transactions, ScriptedAgent]:
    """Transactions whose only agent answers so."""
    agent = ScriptedAgent(*script)
    return Transactions(cluster(agent), History()), agent


def test_a_write_as_it_travels() -> None:
    """The key in the body and nowhere else, the value in base64, in one request."""
    transactions, agent = on(done(entry(KEY, 7)))
    outcome = transactions.write([operation("check-not-exists", KEY), LOCK], 5.0)
    assert (outcome.applied, outcome.entries[-1].index) == (True, 7)
    [request] = agent.asked
    assert (request.method, request.path, request.query) == ("PUT", "/v1/txn", "")
    check, lock = (step["KV"] for step in agent.bodies[0])
    assert check == {"Verb": "check-not-exists", "Key": KEY}
    assert (lock["Verb"], lock["Key"], lock["Session"]) == ("lock", KEY, SESSION)
    assert base64.b64decode(lock["Value"]) == b"{}"


def test_equal_writes_differ() -> None:
    """By their flags: Consul takes an equal one for none, and leaves the index where it is."""
    flags = {writing("set", KEY, b"{}")["KV"]["Flags"] for _ in range(100)}
    assert len(flags) == 100
    assert all(0 <= each < 2**63 for each in flags)


def test_a_read_is_linearizable() -> None:
    """`consistent`, and it may be asked elsewhere."""
    a, b = ScriptedAgent(SILENT), ScriptedAgent(done(entry(KEY, 7, Value="e30=")))
    found = Transactions(cluster(a, b), History()).read([operation("get", KEY)], 5.0)
    assert found.entries[0].record(Keys("p")).value == b"{}"
    assert [each.query for each in (*a.asked, *b.asked)] == ["consistent", "consistent"]


def test_what_is_too_large_is_not_sent() -> None:
    """Consul says 413, or breaks the pipe; the sizes are of the JSON, not of the values."""
    transactions, agent = on(done())
    too_many = [operation("get", KEY)] * (MOST_OPERATIONS + 1)
    too_large = [writing("set", KEY, bytes(LARGEST_REQUEST * 3 // 4))]
    for operations in (too_many, too_large):
        with pytest.raises(ValueTooLarge, match=f"{MOST_OPERATIONS} operations|{LARGEST_REQUEST} bytes"):
            transactions.write(operations, 5.0)
    assert agent.asked == []
    transactions.read(too_many[1:], 5.0)
    assert len(agent.bodies[0]) == MOST_OPERATIONS


def test_what_was_not_applied_tells_why() -> None:
    """By the place of the operation; nothing was written then."""
    transactions, _ = on(failed((0, "failed index check for key"), (1, "lock is already held")))
    outcome = transactions.write([LOCK, LOCK], 5.0)
    assert not outcome.applied
    assert outcome.complaints == {0: "failed index check for key", 1: "lock is already held"}


@pytest.mark.parametrize(
    "sentence", [f'invalid session "{OTHER}"', "missing session", "failed session lookup: x"]
)
def test_a_dead_session(sentence: str) -> None:
    """Is a loss, for who had it."""
    transactions, _ = on(failed((1, sentence)))
    with pytest.raises(SessionLost) as caught:
        transactions.write([LOCK], 5.0).demand_session()
    assert caught.value.reason == "expired"


@pytest.mark.parametrize(
    ("sentence", "error"),
    [
        ("Permission denied", PermissionDenied),
        (
            "Permission denied: token with AccessorID '0' lacks permission 'key:write' on \"x\"",
            PermissionDenied,
        ),
        ("ACL not found", AuthFailed),
    ],
)
def test_a_refusal_inside(sentence: str, error: type[CoordinationError]) -> None:
    """Consul says of each operation that it is not allowed, in a 409: it is not "held by another"."""
    for reading in (False, True):
        transactions, agent = on(failed((0, sentence), (1, sentence)))
        with pytest.raises(error):
            (transactions.read if reading else transactions.write)([LOCK], 5.0)
        assert len(agent.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        said("nonsense"),
        said([]),
        said({"Results": "many"}),
        said({"Results": None, "Errors": None}),
        said({"Results": [], "Errors": [{"OpIndex": 0, "What": "it failed with a 200"}]}),
        said({"Results": [{"KV": {"Key": KEY}}], "Errors": None}),
        said({"Results": [5], "Errors": None}),
        said({"Errors": []}, 409),
        said({"Errors": [{"What": "no place"}]}, 409),
        said({"Errors": [5]}, 409),
        done(),
    ],
    ids=lambda answer: answer.body.decode()[:40],
)
def test_an_answer_without_sense(answer: Any) -> None:
    """Leaves a write unknown, for it was sent, and a read unanswered."""
    transactions, agent = on(answer)
    with pytest.raises(OutcomeUnknown):
        transactions.write([LOCK], 5.0)
    assert len(agent.asked) == 1
    if answer != done():
        with pytest.raises(StoreUnavailable):
            transactions.read([operation("get", KEY)], 5.0)


def test_deleting_tells_no_index() -> None:
    """So none is asked for, and none is remembered."""
    transactions, _ = on(done(), done(entry(KEY, 1)))
    assert transactions.write([operation("delete", KEY)], 5.0).applied
    assert transactions.write([LOCK], 5.0).applied


def test_an_index_that_goes_back_ends_everything() -> None:
    """After the first such answer nothing more is written."""
    transactions, agent = on(*(done(entry(KEY, index)) for index in (20, 21, 21, 99)))
    transactions.write([LOCK], 5.0)
    transactions.write([LOCK], 5.0)
    for _ in range(2):
        with pytest.raises(StoreReplaced, match="went back"):
            transactions.write([LOCK], 5.0)
    assert len(agent.asked) == 3


def test_what_no_step_of_ours_should_meet() -> None:
    """Is told in Consul's words, and bounded."""
    error = unexpected(Outcome([], dict.fromkeys(range(64), "x" * 10000)))
    assert type(error) is StoreRefused
    assert 200 < len(str(error)) < 1000


def test_a_write_is_sent_once() -> None:
    """However many agents there are: who was silent may have applied it."""
    a, b = ScriptedAgent(SILENT), ScriptedAgent(done(entry(KEY, 7)))
    with pytest.raises(OutcomeUnknown):
        Transactions(cluster(a, b), History()).write([LOCK], 5.0)
    assert (len(a.asked), len(b.asked)) == (1, 0)
