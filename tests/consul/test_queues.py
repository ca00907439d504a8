"""Entering a queue and standing in it, where a real Consul cannot show it: odd records, long answers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from coordination.contention import Queues, Standing
from coordination.errors import OutcomeUnknown, PermissionDenied, SessionLost
from coordination.record import Session
from coordination.stores.consul.message import LARGE
from coordination.stores.consul.queues import MOST
from tests.consul.kept import FOLDER, OURS, Kept
from tests.consul.scripted import OTHER

ENTERING = ["check-not-exists", "lock", "get-tree"]


@pytest.fixture
def kept() -> Kept:
    return Kept()


def entered(kept: Kept, name: str = "me", value: bytes = b"mine") -> Standing:
    """As a contender of ours."""
    standing = kept.store.enter(f"{FOLDER}{name}", value, OURS, alone=False, timeout=5.0)
    assert standing is not None
    return standing


def ahead(standing: Standing | None) -> list[str]:
    """The names of those ahead."""
    assert standing is not None
    return [key.removeprefix(FOLDER) for key in standing.ahead]


def test_the_store_says_that_it_can(kept: Kept) -> None:
    """By its calls; and there is nothing that tells of departures."""
    assert isinstance(kept.store, Queues)
    assert not hasattr(kept.store, "departures")


def test_entering_is_one_request(kept: Kept) -> None:
    """The record and its queue in one transaction, whoever is there."""
    for name in ("z", "b", "c"):
        kept.put(f"{FOLDER}{name}", OTHER)
    standing = entered(kept)
    assert kept.verbs == [ENTERING]
    assert [step["KV"]["Key"] for step in json.loads(kept.agent.asked[0].body or b"")] == [
        f"p/{FOLDER}me",
        f"p/{FOLDER}me",
        f"p/{FOLDER}",
    ]
    assert ahead(standing) == ["c", "b", "z"]
    assert (standing.record.value, standing.record.session, standing.record.ttl) == (b"mine", OURS.id, 15.0)


def test_who_came_before_does_not_condemn_the_datacenter(kept: Kept) -> None:
    """Whose keys sort behind ours has a lower index than the write, and comes last in its answer."""
    kept.put(f"{FOLDER}zz", OTHER)
    for number in range(3):
        assert ahead(entered(kept, f"{number}"))[-1] == "zz"


def test_what_does_not_stand_in_the_queue(kept: Kept) -> None:
    """Records without a session, the folder itself, what lies deeper, other names."""
    kept.put(f"{FOLDER}unlocked", "")
    kept.put(FOLDER, "")
    kept.put(f"{FOLDER}deeper/x", OTHER)
    kept.put("n/locks/ab/x", OTHER)
    assert ahead(entered(kept)) == []


def test_a_taken_key_and_a_dead_session(kept: Kept) -> None:
    """None, or `SessionLost`; nothing is written."""
    kept.put(f"{FOLDER}me", OTHER)
    assert kept.store.enter(f"{FOLDER}me", b"", OURS, alone=True, timeout=5.0) is None
    for dead in (OTHER, "no session of Consul's"):
        with pytest.raises(SessionLost):
            kept.store.enter(f"{FOLDER}new", b"", Session(dead, 15.0), alone=False, timeout=5.0)
    assert list(kept.records) == [f"{FOLDER}me"]


def test_a_queue_too_long_for_one_answer(kept: Kept) -> None:
    """The record was written: it is found again by its value, and the queue is read in pages."""
    for number in range(40):
        kept.put(f"{FOLDER}{number:02}", OTHER, bytes(LARGE // 40))
    standing = entered(kept)
    written = kept.records[f"{FOLDER}me"]["ModifyIndex"]
    assert (len(standing.ahead), standing.record.index) == (40, written)


def test_a_long_answer_to_a_write_that_was_not(kept: Kept) -> None:
    """Another record has the key by then: nobody can say what became of ours."""
    for number in range(40):
        kept.put(f"{FOLDER}{number:02}", OTHER, bytes(LARGE // 40))

    def replaced() -> None:
        _ = f"{FOLDER}me" in kept.records and kept.put(f"{FOLDER}me", OTHER, b"other's")

    kept.before = replaced
    with pytest.raises(OutcomeUnknown):
        entered(kept)


def test_a_queue_that_may_not_be_read(kept: Kept) -> None:
    """Consul leaves out what the ACL token may not read, so nobody can say that nobody is ahead."""
    kept.hidden.add(f"{FOLDER}me")
    with pytest.raises(OutcomeUnknown, match="ACL"):
        entered(kept)


def test_standing_is_one_request(kept: Kept) -> None:
    """Behind somebody who stays, and behind nobody any more."""
    first = kept.put(f"{FOLDER}first", OTHER)
    standing = entered(kept)
    assert ahead(kept.store.standing(standing, timeout=5.0)) == ["first"]
    assert first["Key"] == f"p/{FOLDER}first"
    del kept.records[f"{FOLDER}first"]
    assert ahead(kept.store.standing(standing, timeout=5.0)) == []
    assert kept.verbs[1:] == [["check-index", "get"], ["check-index", "get"]]


def test_one_who_leaves_from_the_middle(kept: Kept) -> None:
    """Those before it are ahead, the nearest first; and those who left long ago cost no request more."""
    for name in "abcd":
        kept.put(f"{FOLDER}{name}", OTHER)
    standing = entered(kept)
    del kept.records[f"{FOLDER}d"]
    del kept.records[f"{FOLDER}a"]
    assert ahead(kept.store.standing(standing, timeout=5.0)) == ["c", "b"]
    assert kept.verbs[1:] == [["check-index", "get", *["check-not-exists"] * 3]]


def test_the_last_of_many_who_left_in_turn(kept: Kept) -> None:
    """One request tells that nobody is ahead any more, however many were."""
    for number in range(MOST):
        kept.put(f"{FOLDER}{number}", OTHER)
    standing = entered(kept)
    for number in range(MOST):
        del kept.records[f"{FOLDER}{number}"]
    assert ahead(kept.store.standing(standing, timeout=5.0)) == []
    assert len(kept.verbs) == 2


def test_many_who_left_at_once(kept: Kept) -> None:
    """Sixty-three in one transaction: a hundred dead waiters cost two requests."""
    for number in range(100):
        kept.put(f"{FOLDER}{number:03}", OTHER)
    standing = entered(kept)
    for number in range(1, 100):
        del kept.records[f"{FOLDER}{number:03}"]
    assert ahead(kept.store.standing(standing, timeout=5.0)) == ["000"]
    assert [len(verbs) for verbs in kept.verbs[1:]] == [MOST + 1, 100 - MOST + 1]


def test_those_ahead_who_lost_their_sessions(kept: Kept) -> None:
    """Somebody unlocked their records, which stay there for ever: they hold up nobody."""
    for name in "abc":
        kept.put(f"{FOLDER}{name}", OTHER)
    standing = entered(kept)
    kept.put(f"{FOLDER}b", "")
    kept.put(f"{FOLDER}c", "")
    assert ahead(kept.store.standing(standing, timeout=5.0)) == ["a"]
    kept.put(f"{FOLDER}a", "")
    assert ahead(kept.store.standing(standing, timeout=5.0)) == []
    assert ahead(entered(kept, "another")) == ["me"]


def test_a_look_while_all_are_still_there(kept: Kept) -> None:
    """Two requests, whatever their number: the second one is for the nearest alone."""
    for number in range(200):
        kept.put(f"{FOLDER}{number:03}", OTHER)
    standing = entered(kept)
    assert kept.store.standing(standing, timeout=5.0) == standing
    assert [len(verbs) for verbs in kept.verbs[1:]] == [MOST + 1, 2]


def test_our_own_record_rewritten(kept: Kept) -> None:
    """It keeps its place; with another session, or anew, it has none."""
    standing = entered(kept)
    again = kept.put(f"{FOLDER}me", OURS.id, b"other")
    now = kept.store.standing(standing, timeout=5.0)
    assert now == Standing(replace(standing.record, value=b"other", index=again["ModifyIndex"]), ())
    kept.put(f"{FOLDER}me", OTHER)
    assert kept.store.standing(standing, timeout=5.0) is None
    del kept.records[f"{FOLDER}me"]
    kept.put(f"{FOLDER}me", OURS.id)
    assert kept.store.standing(standing, timeout=5.0) is None


def test_who_is_ahead_may_not_be_read(kept: Kept) -> None:
    """An error, and not the impression of being first."""
    kept.put(f"{FOLDER}first", OTHER)
    standing = entered(kept)
    kept.hidden.add(f"{FOLDER}first")
    with pytest.raises(PermissionDenied):
        kept.store.standing(standing, timeout=5.0)
