"""Restored and replaced clusters: pitfall 35, tokens that would repeat."""

from __future__ import annotations

from typing import Any

import pytest

from coordination.errors import OutcomeUnknown, StoreReplaced
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import TIME_TO_LIVE, TXN
from tests.etcd.scripted import Cluster, Member, header

T = 1.0


def answering(*headers: Any) -> Member:
    left = list(headers)
    return Member(lambda name, _asked: message(f"{name}Response")(header=left.pop(0)))


def request() -> Any:
    return message("TxnRequest")()


def test_a_revision_that_goes_back_ends_everything() -> None:
    """After the first such answer nothing more is asked."""
    a = answering(header(20), header(21), header(7), header(99))
    connection = Cluster(a=a).connection()
    connection.call(TXN, request(), T)
    connection.call(TXN, request(), T)
    for _ in range(2):
        with pytest.raises(StoreReplaced, match=r"went back from 21 to 7.*bump-revision"):
            connection.call(TXN, request(), T)
    assert a.calls.count("Txn") == 3


def test_another_cluster_at_the_same_address_ends_everything() -> None:
    """The same when the id of the cluster is another one."""
    connection = Cluster(a=answering(header(20), header(21, cluster=5))).connection()
    connection.call(TXN, request(), T)
    with pytest.raises(StoreReplaced, match="another cluster"):
        connection.call(TXN, request(), T)


def test_a_member_of_another_cluster_is_not_used() -> None:
    """Found out by its status: nothing is written there."""
    a, b = Member(), Member()
    connection = Cluster(a=a, b=b).connection()
    connection.call(TXN, request(), T)
    b.statuses = [message("StatusResponse")(header=header(cluster=5), leader=5)]
    a.statuses = [message("StatusResponse")(header=header(cluster=5), leader=5)]
    connection.pool.retire(connection.pool._link)  # type: ignore[arg-type]
    with pytest.raises(StoreReplaced, match="another cluster"):
        connection.call(TXN, request(), T)
    assert (a.calls.count("Txn"), b.calls.count("Txn")) == (1, 0)


def test_answers_that_are_not_ordered_may_lag() -> None:
    """How long a lease has left is told by a member that may be behind."""
    a = Member(lambda name, _asked: message(f"{name}Response")(header=header(30 if name == "Txn" else 4)))
    connection = Cluster(a=a).connection()
    connection.call(TXN, request(), T)
    connection.call(TIME_TO_LIVE, message("LeaseTimeToLiveRequest")(ID=1), T)
    connection.call(TXN, request(), T)


def test_a_revision_below_one_makes_no_sense() -> None:
    """No etcd answers so: whoever it is, what became of the write is unknown."""
    with pytest.raises(OutcomeUnknown, match="revision -5"):
        Cluster(a=answering(header(-5))).connection().call(TXN, request(), T)
