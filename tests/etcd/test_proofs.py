"""Proofs on etcd: what a leader's list is worth, whose turn it is, and in how many requests."""

from __future__ import annotations

import pytest

from coordination.contention import Proof
from coordination.errors import StoreUnavailable
from coordination.record import Session
from coordination.stores.etcd.proofs import MOST, REMEMBERED, ROUND
from coordination.stores.etcd.requests import session_id
from tests.etcd.proving import LEASE, held

NOTHING = Proof(frozenset(), {})


@pytest.mark.parametrize("count", [1, ROUND, ROUND + 1, 10_000])
def test_two_requests_if_nothing_is_wrong(count: int) -> None:
    """The list, and one look at no more than a round."""
    server, keys = held(count)
    assert server.prove(keys) == NOTHING
    assert server.calls[-2:] == ["LeaseTimeToLive", "Txn"]
    assert [len(looks) for looks in server.looks] == [min(count, ROUND)]


def test_every_record_has_its_turn() -> None:
    """However many there are, each is looked at within as many proofs as there are rounds."""
    server, keys = held(5 * ROUND - 20)
    turns = [looks for _ in range(5) if server.prove(keys) == NOTHING for looks in server.looks]
    assert {len(turn) for turn in turns} == {ROUND}
    assert {key for turn in turns for key in turn} == set(keys)


def test_turns_outlast_changes() -> None:
    """Records that come and go around it do not keep one from being looked at."""
    server, keys = held(4 * ROUND)
    stays = keys[3 * ROUND + 7]
    looked: list[str] = []
    for number in range(4):
        gone = keys[number * 10 : number * 10 + 10]
        for key in gone:
            server.records.pop(key, None)
        server.prove([key for key in keys if key in server.records])
        looked.extend(key for looks in server.looks for key in looks)
    assert stays in looked


def test_each_session_has_its_own_turn() -> None:
    """Proofs of one do not move another's on; of too many sessions the oldest turns are forgotten."""
    server, keys = held(3 * ROUND)
    server.prove(keys)
    others = [Session(session_id(LEASE + number), 30.0) for number in range(1, REMEMBERED + 5)]
    server.prove(keys, session=others[0])
    server.prove(keys)
    assert set(server.looks[0]) == set(keys[ROUND : 2 * ROUND])
    for other in others:
        server.prove(keys[:1], session=other)
    assert len(server.store._proofs._rounds) == REMEMBERED


def test_a_leader_that_was_replaced_is_found_out() -> None:
    """Its list shows a record that is not there any more: it is gone when its turn comes."""
    server, keys = held(3 * ROUND)
    server.listed = list(keys)
    del server.records[keys[-1]]
    proofs = [server.prove(keys) for _ in range(3)]
    assert proofs == [NOTHING, NOTHING, Proof(frozenset({keys[-1]}), {})]


def test_a_leader_that_lags_takes_nothing_away() -> None:
    """What its list lacks is looked at: it is there, so it is not gone."""
    server, keys = held(3 * ROUND)
    server.listed = keys[:ROUND]
    assert server.prove(keys) == NOTHING
    assert {key for looks in server.looks for key in looks} == set(keys)
    assert max(len(looks) for looks in server.looks) <= MOST


def test_what_the_list_lacks_is_gone_if_it_is() -> None:
    """Deleted, moved to another lease, or created anew and not on ours."""
    server, keys = held(4 * ROUND)
    deleted, moved, anew = keys[-3:]
    del server.records[deleted]
    server.records[moved] = (1, LEASE + 1)
    server.records[anew] = (9, 0)
    assert server.prove(keys) == Proof(frozenset({deleted, moved, anew}), {})
    assert len(server.looks) == 1


def test_strays_are_looked_at() -> None:
    """What the list has beyond the expected is named if it is still there; strangers' keys are not ours."""
    server, keys = held(4)
    server.listed = [*keys, "ns/locks/gone/me"]
    server.records["ns/locks/moved/me"] = (3, LEASE + 1)
    proof = server.prove(keys[:2], ["ns/locks/moved/me", "ns/locks/never/me"])
    assert proof == Proof(frozenset(), {keys[2]: 2, keys[3]: 2})
    assert "ns/locks/gone/me" in server.looks[0]


def test_keys_outside_our_prefix_are_nobodys() -> None:
    """On a lease of ours there may hang what another program put there."""
    server, keys = held(1)
    raws = [b"p/ns/locks/a/me", b"/ns/locks/a/me", b"/pp/x", b"p/\xff"]
    assert server.store._keys.ours(raws) == {"ns/locks/a/me", "\udcff"}
    assert server.prove(keys) == NOTHING


def test_on_a_dead_lease_everything_is_gone() -> None:
    """Once each record has been seen not to be there: the leader's word alone is not enough."""
    server, keys = held(3 * ROUND)
    server.alive = False
    server.records.clear()
    assert server.prove(keys) == Proof(frozenset(keys), {})
    assert {key for looks in server.looks for key in looks} == set(keys)


def test_a_lease_that_seems_dead_while_records_are_there() -> None:
    """Expired and not swept away, or denied by a leader that was replaced: nobody can say."""
    server, keys = held(3 * ROUND)
    server.alive = False
    with pytest.raises(StoreUnavailable):
        server.prove(keys)
    server.alive = True
    assert server.prove(keys) == NOTHING
    assert set(server.looks[0]) == set(keys[:ROUND]), "whose turn it was is still to be looked at"


def test_a_session_of_nobodys_holds_nothing() -> None:
    """An id that is none of etcd's: no request is made."""
    server, keys = held(2)
    assert server.prove(keys, keys, Session("none of etcd's", 30.0)) == Proof(frozenset(keys), {})
    assert server.calls == []
