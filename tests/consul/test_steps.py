"""The contract's steps as transactions: what they demand, what they write, what their failures mean."""

from __future__ import annotations

import pytest

from coordination.stores.consul import steps
from coordination.stores.consul.transactions import Operation, Outcome
from tests.consul.scripted import OTHER, SESSION

KEY = "p/@/leases/x"
VALUE = b"{}"


def verbs(step: list[Operation]) -> list[str]:
    """What it does, in its order."""
    return [operation["KV"]["Verb"] for operation in step]


@pytest.mark.parametrize(
    ("step", "does"),
    [
        (steps.create(KEY, VALUE, SESSION), ["check-not-exists", "lock"]),
        (steps.replace(KEY, VALUE, SESSION, 5, None), ["check-index", "lock"]),
        (steps.replace(KEY, VALUE, SESSION, 5, ""), ["check-index", "lock"]),
        (steps.replace(KEY, VALUE, SESSION, 5, SESSION), ["check-index", "lock"]),
        (steps.replace(KEY, VALUE, SESSION, 5, OTHER), ["check-index", "unlock", "lock"]),
        (steps.delete(KEY, 5), ["check-index", "delete-cas"]),
        (steps.commit(KEY, SESSION, None, {"d": b""}, []), ["check-session", "set"]),
        (
            steps.commit(KEY, SESSION, None, {"d": b"", "e": b""}, ["f"]),
            ["check-session", "delete", "set", "set"],
        ),
        (
            steps.commit(KEY, SESSION, None, {}, ["f", "g"]),
            ["check-session", "set", "delete", "delete", "delete"],
        ),
        (steps.commit(KEY, SESSION, None, {}, []), ["check-session", "set", "delete"]),
    ],
)
def test_the_table(step: list[Operation], does: list[str]) -> None:
    """As the module's own table has it: the condition first, and what is written has a nonce."""
    assert verbs(step) == does
    for operation in (each["KV"] for each in step):
        assert ("Flags" in operation) == (operation["Verb"] in {"lock", "set"})
        assert ("Index" in operation) == (operation["Verb"] in {"check-index", "delete-cas"})


def test_a_steal_unlocks_in_the_name_of_the_holder() -> None:
    """And locks in the name of the thief."""
    _, unlock, lock = (each["KV"] for each in steps.replace(KEY, VALUE, SESSION, 5, OTHER))
    assert (unlock["Session"], lock["Session"]) == (OTHER, SESSION)


def test_a_commit_of_nothing_leaves_nothing() -> None:
    """What is written to learn an index is deleted in the same transaction."""
    for deletes in ([], ["d"]):
        step = steps.commit(KEY, SESSION, None, {}, deletes)
        written = {each["KV"]["Key"] for each in step if each["KV"]["Verb"] == "set"}
        last = {each["KV"]["Key"]: each["KV"]["Verb"] for each in step}
        assert written
        assert {last[key] for key in written} == {"delete"}
        assert KEY not in written


@pytest.mark.parametrize(
    ("complaints", "moved", "held"),
    [
        ({0: f'failed index check for key "{KEY}", current modify index 9 != 5'}, True, False),
        ({0: f'failed to check index for key "{KEY}", key does not exist'}, True, False),
        ({0: f'key "{KEY}" exists'}, True, False),
        ({0: f'key "{KEY}" already exists'}, True, False),
        ({1: f'failed to lock key "{KEY}", lock is already held'}, False, True),
        ({1: f'failed to unlock key "{KEY}", lock isn\'t held, or is held by another session'}, False, True),
        ({1: f'failed to lock key "{KEY}", key is locked due to lock delay'}, False, True),
        ({0: f'key "{KEY}" exists', 1: f'failed to lock key "{KEY}", lock is already held'}, True, True),
        ({0: "something else"}, False, False),
        ({1: f'failed index check for key "{KEY}", current modify index 9 != 5'}, False, False),
        ({}, False, False),
    ],
)
def test_what_a_failure_means(complaints: dict[int, str], *, moved: bool, held: bool) -> None:
    """In the sentences of 1.8.7, which test_store.py has a real one say."""
    outcome = Outcome([], complaints)
    assert (steps.moved(outcome), steps.held(outcome)) == (moved, held)
