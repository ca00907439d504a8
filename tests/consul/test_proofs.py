"""Proving the records of a session: in how few requests, in turn, and that no suspicion passes for a loss."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from coordination.contention import Proof, Proofs
from coordination.errors import PermissionDenied, StoreError
from coordination.record import Session
from coordination.stores.consul.message import LARGE
from coordination.stores.consul.proofs import FEW, ROTATIONS
from tests.consul.kept import OURS, Kept
from tests.consul.scripted import OTHER

LIST = ["/v1/kv/p/n/locks/"]
NOTHING = Proof(frozenset(), {})


@pytest.fixture
def kept() -> Kept:
    return Kept()


def key(number: int) -> str:
    """A lock of many."""
    return f"n/locks/{number:04}/me"


def held(kept: Kept, count: int) -> dict[str, int]:
    """So many locks of ours, as the store has seen them; what that took is forgotten."""
    standings = [
        kept.store.enter(key(number), b"", OURS, alone=False, timeout=5.0) for number in range(count)
    ]
    kept.agent.asked.clear()
    return {it.record.key: it.record.created for it in standings if it is not None}


def proof(kept: Kept, expected: dict[str, int], *doubtful: str) -> Proof:
    """Of our session."""
    return kept.store.prove(OURS, expected, frozenset(doubtful), timeout=5.0)


def sizes(kept: Kept) -> Sequence[int]:
    """How many operations each request had."""
    return [len(verbs) for verbs in kept.verbs]


def test_the_store_says_that_it_can(kept: Kept) -> None:
    """By its call."""
    assert isinstance(kept.store, Proofs)


def test_a_few_records_are_all_checked(kept: Kept) -> None:
    """Sixty-four in a transaction, doubtful keys among them; nothing at all costs nothing."""
    assert proof(kept, {}) == NOTHING
    assert kept.verbs == []
    expected = held(kept, FEW - 1)
    assert proof(kept, expected, "n/locks/doubtful/me") == NOTHING
    assert sizes(kept) == [64, 64, 64]
    assert {verb for verbs in kept.verbs for verb in verbs} == {"check-index", "check-not-exists"}


def test_many_records_cost_two_requests(kept: Kept) -> None:
    """A list of the keys, and sixty-four checks."""
    expected = held(kept, 1000)
    assert proof(kept, expected) == NOTHING
    assert kept.verbs == [LIST, ["check-index"] * 64]


def test_every_record_has_its_turn(kept: Kept) -> None:
    """A thousand within sixteen proofs: what a list cannot show, that one changed hands, is found."""
    expected = held(kept, 1000)
    for number in (0, 500, 999):
        kept.put(key(number), OTHER)
    gone = [proof(kept, expected).gone for _ in range(16)]
    assert frozenset().union(*gone) == {key(0), key(500), key(999)}


def test_sessions_take_turns_by_themselves(kept: Kept) -> None:
    """Another session's proofs do not skip records of ours; what was proven long ago is forgotten."""
    expected = held(kept, FEW + 8)
    kept.put(key(199), OTHER)
    gone: set[str] = set()
    for _ in range(4):
        gone |= proof(kept, expected).gone
        for number in range(ROTATIONS - 1):
            other = Session(f"7fffffff-0000-4000-8000-{number:012}", 15.0)
            kept.store.prove(other, expected, frozenset(), timeout=5.0)
    assert gone == {key(199)}
    assert len(kept.store._proving._turns) == ROTATIONS


def test_what_the_list_does_not_show_is_looked_at(kept: Kept) -> None:
    """Before it counts as gone: two requests more than ever."""
    expected = held(kept, 300)
    del kept.records[key(7)]
    assert proof(kept, expected, key(7), "n/locks/doubtful/me").gone == {key(7)}
    assert [verbs[0] for verbs in kept.verbs] == [LIST[0], "check-index", "get"]


def test_a_dead_session_is_asked_for_once(kept: Kept) -> None:
    """It took everything with it: nobody looks at a thousand records one by one."""
    expected = held(kept, 1000)
    kept.records.clear()
    kept.living.clear()
    assert proof(kept, expected) == Proof(frozenset(expected), {})
    assert [len(verbs) for verbs in kept.verbs] == [1, 64, 1]
    nobody = Session("no session of Consul's", 15.0)
    assert kept.store.prove(nobody, expected, frozenset(), timeout=5.0).gone == frozenset(expected)
    assert len(kept.verbs) == 3


def test_a_living_session_that_lost_many(kept: Kept) -> None:
    """Each is looked at, since the session lives."""
    expected = held(kept, 300)
    for number in range(200):
        del kept.records[key(number)]
    assert proof(kept, expected).gone == {key(number) for number in range(200)}


def test_too_many_keys_to_list(kept: Kept) -> None:
    """Others have so many in the folder: then each of ours is checked."""
    expected = held(kept, FEW + 1)
    kept.records.update({f"n/locks/{'x' * 90}{number}": {} for number in range(LARGE // 100)})
    del kept.records[key(7)]
    assert proof(kept, expected).gone == {key(7)}
    assert [len(verbs) for verbs in kept.verbs if verbs[0] == "check-index"] == [64, 64, 64, 1]


def test_kinds_are_proven_together(kept: Kept) -> None:
    """Those of which there are few are always checked, beside the turn of the many."""
    expected = held(kept, 300)
    sentinel = kept.put("n/sessions/mine", OURS.id)
    expected["n/sessions/mine"] = sentinel["CreateIndex"]
    for _ in range(3):
        assert proof(kept, expected) == NOTHING
    kept.put("n/sessions/mine", OTHER)
    assert proof(kept, expected).gone == {"n/sessions/mine"}


def test_a_rewritten_record_is_learned(kept: Kept) -> None:
    """Its index moved, and it is ours: one look at it, and from then on that index is checked."""
    expected = held(kept, 3)
    kept.put(key(1), OURS.id)
    assert proof(kept, expected) == NOTHING
    assert proof(kept, expected) == NOTHING
    assert [verbs[0] for verbs in kept.verbs] == ["check-index", "get", "check-index"]


def test_what_is_gone_and_what_is_strange(kept: Kept) -> None:
    """Created anew, moved to another session, never there; and what landed although nobody wants it."""
    expected = {**held(kept, 4), "n/locks/never/me": 7}
    del kept.records[key(0)]
    kept.put(key(0), OURS.id)
    kept.put(key(1), OTHER)
    late, others = kept.put("n/locks/late/me", OURS.id), "n/locks/others/me"
    kept.put(others, OTHER)
    found = proof(kept, expected, "n/locks/late/me", others, "n/locks/nothing/me", key(2))
    assert found.gone == {key(0), key(1), "n/locks/never/me"}
    assert found.strays == {"n/locks/late/me": late["ModifyIndex"]}


def test_what_may_not_be_read_is_not_gone(kept: Kept) -> None:
    """Consul leaves it out of its answers: an error, and no loss. So it is with what is too long to read."""
    expected = held(kept, 3)
    kept.put(key(1), OURS.id)
    kept.hidden.add(key(1))
    with pytest.raises(PermissionDenied):
        proof(kept, expected)
    kept.put(key(2), OURS.id, bytes(LARGE))
    kept.hidden.clear()
    with pytest.raises(StoreError):
        proof(kept, expected)
