"""Proofs on etcd of as many records as fit one transaction: mostly without the list."""

from __future__ import annotations

import pytest

from coordination.contention import Proof
from coordination.stores.etcd.proofs import AUDIT, MOST, ROUND
from tests.etcd.proving import LEASE, SESSION, T, held

NOTHING = Proof(frozenset(), {})


@pytest.mark.parametrize("count", [1, MOST])
def test_few_are_mostly_one_request(count: int) -> None:
    """All of them are looked at; the list comes first, and again after a while."""
    server, keys = held(count)
    for _ in range(2):
        assert server.prove(keys) == NOTHING
        assert server.calls[-2:] == ["LeaseTimeToLive", "Txn"]
        for _ in range(AUDIT - 1):
            assert server.prove(keys) == NOTHING
            assert server.calls == ["Txn"]
            assert sorted(server.looks[0]) == keys


def test_what_does_not_fit_a_transaction_is_two_requests_every_time() -> None:
    """The list, and a turn."""
    server, keys = held(MOST + 1)
    for _ in range(AUDIT):
        assert server.prove(keys) == NOTHING
        assert server.calls[-2:] == ["LeaseTimeToLive", "Txn"]
        assert len(server.looks[0]) == ROUND


def test_what_is_gone_of_few_is_found_without_the_list() -> None:
    """Deleted, moved to another lease, or created anew: at the second proof as at the first."""
    server, keys = held(6)
    assert server.prove(keys) == NOTHING
    deleted, moved, anew = keys[:3]
    del server.records[deleted]
    server.records[moved] = (1, LEASE + 1)
    server.records[anew] = (9, LEASE)
    assert server.prove(keys) == Proof(frozenset({deleted, moved, anew}), {})
    assert server.calls == ["Txn"]


def test_what_is_doubtful_is_looked_at_in_every_proof() -> None:
    """Without the list too, and its index deletes it."""
    server, keys = held(3)
    assert server.prove(keys[:2], ["ns/locks/never/me"]) == Proof(frozenset(), {keys[2]: 2})
    doubtful = [keys[2], "ns/locks/never/me"]
    assert server.prove(keys[:2], doubtful) == Proof(frozenset(), {keys[2]: 2})
    assert server.calls == ["Txn"]


def test_a_stray_that_nobody_knows_of_is_found_in_the_end() -> None:
    """At the next proof that asks for the list."""
    server, keys = held(3)
    assert server.prove(keys) == NOTHING
    server.records["ns/locks/stray/me"] = (1, LEASE)
    proofs = [server.prove(keys) for _ in range(AUDIT)]
    assert proofs == [NOTHING] * (AUDIT - 1) + [Proof(frozenset(), {"ns/locks/stray/me": 2})]


def test_a_closed_session_is_forgotten() -> None:
    """Nothing is kept of it."""
    server, keys = held(2)
    server.prove(keys)
    assert len(server.store._proofs._rounds) == 1
    server.store.close_session(SESSION, timeout=T)
    assert not server.store._proofs._rounds


def test_nothing_expected_is_one_request() -> None:
    """The list, each time: there is nothing to look at."""
    server, _ = held(0)
    for _ in range(3):
        assert server.prove([]) == NOTHING
        assert server.calls[-1] == "LeaseTimeToLive"
        assert server.looks == []
