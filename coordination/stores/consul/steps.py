"""The contract's steps as transactions, and what Consul complains of when one is not applied.

| step | operations |
|---|---|
| create | check-not-exists, lock |
| enter a queue | check-not-exists, lock, get-tree: the whole queue as of that moment, ourselves too |
| replace by the holder's session | check-index, lock |
| replace by another session | check-index, unlock (by the holder's), lock |
| delete | check-index, delete-cas |
| commit | check-session, then deletes and sets |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from coordination.stores.consul.transactions import Operation, Outcome, operation, writing

_STALE = ("failed index check", "failed to check index")
_HELD = ("lock is already held", "lock isn't held", "due to lock delay")


def create(key: str, value: bytes, session: str) -> list[Operation]:
    """A record that is not there."""
    return [operation("check-not-exists", key), writing("lock", key, value, Session=session)]


def enter(key: str, value: bytes, session: str, folder: str) -> list[Operation]:
    """The same, and what is in the folder with it; the first entry of the outcome is the record's own."""
    return [*create(key, value, session), operation("get-tree", folder)]


def replace(key: str, value: bytes, session: str, index: int, holder: str | None) -> list[Operation]:
    """Write over a record; `holder` is the session it hangs on, if another one is known."""
    check, write = operation("check-index", key, Index=index), writing("lock", key, value, Session=session)
    if not holder or holder == session:
        return [check, write]
    # Not by deleting it: a record that changes hands keeps its CreateIndex, which orders contenders.
    return [check, operation("unlock", key, Session=holder), write]


def delete(key: str, index: int) -> list[Operation]:
    """Remove a record. Without the check, Consul deletes what is not there without a word."""
    return [operation("check-index", key, Index=index), operation("delete-cas", key, Index=index)]


def commit(
    guard: str, session: str, index: int | None, puts: Mapping[str, bytes], deletes: Sequence[str]
) -> list[Operation]:
    """Write data while `guard` is locked by `session`, and at `index` if that matters.

    The last entry of the outcome shows the index of the write.
    """
    check = [operation("check-session", guard, Session=session)]
    check += [operation("check-index", guard, Index=index)] if index is not None else []
    gone = [operation("delete", key) for key in deletes]
    if puts:
        return [*check, *gone, *(writing("set", key, value) for key, value in puts.items())]
    # Deleting tells no index, so something is written that the next operation deletes.
    mark = deletes[0] if deletes else f"{guard}/commit"
    return [*check, writing("set", mark, b""), operation("delete", mark), *gone]


def moved(outcome: Outcome) -> bool:
    """Whether the record is not, or not any more, what the transaction was made for."""
    said = outcome.complaints.get(0, "")
    return said.startswith(_STALE) or said.endswith("exists")


def held(outcome: Outcome) -> bool:
    """Whether another session has it, or had it within the lock-delay."""
    return any(sign in said for said in outcome.complaints.values() for sign in _HELD)
