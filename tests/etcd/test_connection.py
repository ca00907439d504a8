"""Calls to a cluster: what is asked again, of whom, and what is never asked twice."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.errors import (
    AuthFailed,
    OutcomeUnknown,
    PermissionDenied,
    StoreRefused,
    StoreUnavailable,
)
from coordination.stores.etcd.connection import SUSPICIOUS
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import GRANT, RANGE, REVOKE, TXN, Method
from tests.etcd.scripted import REFUSED, RESET, SILENT, Cluster, Code, Failed, Member

T = 10.0


def request(method: Method) -> Any:
    return message(method.request)()


def failing(*errors: Exception) -> Member:
    """A member whose first calls end like this, and which then says yes."""
    member = Member()
    yes, left = member.script, list(errors)
    member.script = lambda name, asked: left.pop(0) if left else yes(name, asked)
    return member


def test_one_call_on_one_connection() -> None:
    """A call after the first is one request and no more, over the same channel."""
    a = Member()
    connection = Cluster(a=a).connection()
    for _ in range(3):
        connection.call(TXN, request(TXN), T)
    assert (a.calls, a.open_channels) == (["Status", "Txn", "Txn", "Txn"], 1)


def test_a_write_that_was_not_applied_goes_to_another_member() -> None:
    """Refused is certainly not applied: the next member is asked, and the answer is an answer."""
    a, b = failing(REFUSED), Member()
    Cluster(a=a, b=b).connection().call(TXN, request(TXN), T)
    assert (a.calls, b.calls) == (["Status", "Txn"], ["Status", "Txn"])
    assert a.open_channels == 0, "the refused connection was kept"


@pytest.mark.parametrize("error", [SILENT, RESET], ids=["silent", "reset"])
def test_a_write_that_may_have_been_applied_is_never_repeated(error: Exception) -> None:
    """Pitfall 18: it is told as unknown, and the next call is on a fresh connection to another member."""
    a, b = failing(error), Member()
    connection = Cluster(a=a, b=b).connection()
    with pytest.raises(OutcomeUnknown):
        connection.call(TXN, request(TXN), T)
    assert "Txn" not in b.calls
    connection.call(TXN, request(TXN), T)
    assert b.calls == ["Status", "Txn"]


@pytest.mark.parametrize("method", [RANGE, GRANT, REVOKE], ids=lambda method: method.request)
def test_what_does_no_harm_twice_is_repeated(method: Method) -> None:
    """Reads, and the writes that name what they make or end."""
    a, b = failing(SILENT), Member()
    connection = Cluster(a=a, b=b).connection()
    connection.call(method, request(method), T)
    assert len(b.calls) == 2
    assert a.timeouts[1] <= T / 2, "nothing was left for the second member"


def test_doubt_outlives_a_later_refusal() -> None:
    """A grant that one member may have made is not "not applied" because all are down by then."""
    a, b = failing(SILENT), Member()
    a.statuses.append(REFUSED)
    b.statuses = [REFUSED]
    with pytest.raises(OutcomeUnknown):
        Cluster(a=a, b=b).connection().call(GRANT, request(GRANT), T)


def test_a_read_that_fails_everywhere_is_unavailable() -> None:
    """There is nothing that may have been applied."""
    a = failing(RESET, RESET, RESET, RESET)
    with pytest.raises(StoreUnavailable):
        Cluster(a=a).connection().call(RANGE, request(RANGE), T)


def test_no_time_left_costs_nobody_the_connection() -> None:
    """Whoever asks when the time is over is told so, and learns nothing about the member."""
    a = Member()
    connection = Cluster(a=a).connection()
    connection.call(TXN, request(TXN), T)
    with pytest.raises(StoreUnavailable, match="no time left"):
        connection.call(RANGE, request(RANGE), 0.0)
    connection.call(TXN, request(TXN), T)
    assert a.calls == ["Status", "Txn", "Txn"]


def test_an_old_token_is_renewed_once() -> None:
    """Pitfall 33: fetched again, then the same request; a second refusal is an error."""
    stale = Failed(Code.UNAUTHENTICATED, "etcdserver: invalid auth token")
    a = Member()
    yes, refusals = a.script, [stale]
    a.script = lambda name, asked: refusals.pop(0) if name == "Txn" and refusals else yes(name, asked)
    connection = Cluster(a=a).connection(password="secret")
    connection.call(TXN, request(TXN), T)
    assert a.calls == ["Status", "Authenticate", "Txn", "Authenticate", "Txn"]
    refusals.extend([stale] * 9)
    with pytest.raises(AuthFailed):
        connection.call(TXN, request(TXN), T)
    assert len(refusals) == 7


def test_a_wrong_password_is_not_tried_again_at_once() -> None:
    """Acceptance 43: at most three tries in five seconds, whoever calls how often."""
    wrong = Failed(Code.INVALID_ARGUMENT, "etcdserver: authentication failed, invalid user ID or password")
    a = Member(lambda _name, _asked: wrong)
    connection = Cluster(a=a).connection(password="wrong")
    for _ in range(20):
        with pytest.raises(AuthFailed, match="authentication failed"):
            connection.call(TXN, request(TXN), T)
    assert a.calls.count("Authenticate") == 1


def test_a_denied_key_keeps_its_connection() -> None:
    """A refusal is an answer: nothing is wrong with the member."""
    a = failing(Failed(Code.PERMISSION_DENIED, "etcdserver: permission denied"))
    connection = Cluster(a=a).connection()
    with pytest.raises(PermissionDenied):
        connection.call(TXN, request(TXN), T)
    connection.call(TXN, request(TXN), T)
    assert a.calls == ["Status", "Txn", "Txn"]


def test_a_hasty_caller_costs_nobody_the_connection() -> None:
    """Who gives a member no time cannot tell whether it is silent."""
    a = Member()
    connection, yes = Cluster(a=a).connection(), a.script
    connection.call(TXN, request(TXN), T)
    a.script = failing(SILENT).script
    with pytest.raises(OutcomeUnknown):
        connection.call(TXN, request(TXN), 0.8 * SUSPICIOUS)
    a.script = yes
    connection.call(TXN, request(TXN), T)
    assert a.calls == ["Status", "Txn", "Txn", "Txn"]


def test_refusals_are_errors_of_ours() -> None:
    """Whatever etcd says no with, its own exception does not come through."""
    for code in (Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION, Code.OUT_OF_RANGE, Code.UNIMPLEMENTED):
        with pytest.raises(StoreRefused, match="no such thing") as caught:
            Cluster(a=failing(Failed(code, "no such thing"))).connection().call(TXN, request(TXN), T)
        assert caught.value.__cause__ is None
