"""Which member is asked: each in turn, none for long, and all of them before anybody gives up."""

from __future__ import annotations

import time
from typing import Any

import pytest

from coordination.errors import StoreUnavailable
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import TXN
from tests.etcd.scripted import LEADERLESS, REFUSED, SILENT, Cluster, Member, header

T = 10.0


def request() -> Any:
    return message("TxnRequest")()


def test_members_that_are_down_are_asked_once_each() -> None:
    """All refuse: an error at once, not at the end of the timeout."""
    members = {name: Member() for name in "abc"}
    for member in members.values():
        member.statuses = [REFUSED]
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="failed to connect"):
        Cluster(**members).connection().call(TXN, request(), 20.0)
    assert time.monotonic() - began < 5.0
    assert [member.calls for member in members.values()] == [["Status"]] * 3


def test_a_silent_member_is_soon_left_for_another() -> None:
    """A paused member costs half a second, not a third of the timeout: somebody's lease is running out."""
    a, b = Member(), Member()
    a.statuses = [SILENT]
    began = time.monotonic()
    Cluster(a=a, b=b).connection().call(TXN, request(), 20.0)
    assert time.monotonic() - began < 3.0
    assert b.calls == ["Status", "Txn"]


def test_slow_members_get_longer_in_the_next_round() -> None:
    """Where all are far away, the caller's own bound decides."""
    a, b = Member(), Member()
    a.statuses, b.statuses = [SILENT, *a.statuses], [SILENT]
    Cluster(a=a, b=b).connection().call(TXN, request(), 20.0)
    assert a.calls == ["Status", "Status", "Txn"]
    assert a.timeouts[1] > 1.5 * a.timeouts[0]  # Twice, less what it took to come to it.


def test_an_election_is_waited_for() -> None:
    """While no member knows a leader, they are asked again, within the caller's bound."""
    a = Member()
    candidate = message("StatusResponse")(header=header(), leader=0)
    a.statuses = [candidate, LEADERLESS, candidate, *a.statuses]
    Cluster(a=a).connection().call(TXN, request(), 10.0)
    assert a.calls == ["Status"] * 4 + ["Txn"]


def test_waiting_for_an_election_ends() -> None:
    """No leader at all is `StoreUnavailable`, when the time is over."""
    a = Member()
    a.statuses = [LEADERLESS]
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="leader"):
        Cluster(a=a).connection().call(TXN, request(), 0.5)
    assert 0.4 < time.monotonic() - began < 5.0


def test_a_learner_is_passed_over() -> None:
    """It answers status, but no requests."""
    a, b = Member(), Member()
    a.statuses = [message("StatusResponse")(header=header(), leader=5, isLearner=True)]
    Cluster(a=a, b=b).connection().call(TXN, request(), T)
    assert (a.calls, b.calls) == (["Status"], ["Status", "Txn"])
