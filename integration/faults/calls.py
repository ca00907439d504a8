"""Every call of a store and of a manager that a server can hold up: for tests of bounds and of hostility."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Protocol

from coordination import Manager
from coordination.contention import Proofs, Queues, Standing
from coordination.record import Guard, Record, Session
from coordination.store import BatchedRenewals, GuardedWrites, Store, Swap

Calls = dict[str, Callable[[], object]]

KEY = "/leases/job"


class GuardedStore(Store, GuardedWrites, Protocol):
    """A store that also writes data under a lease."""


def store_calls(store: GuardedStore, session: Session, timeout: float) -> Calls:
    """Of the contract and of guarded writes, with a session that the store could have made."""
    key, value, left = KEY, b"{}", {"timeout": timeout}
    return {
        "open_session": lambda: store.open_session(10.0, **left),
        "renew_session": lambda: store.renew_session(session, **left),
        "close_session": lambda: store.close_session(session, **left),
        "create": lambda: store.create(key, value, session, **left),
        "replace": lambda: store.replace(key, value, session, 5, **left),
        "delete": lambda: store.delete(key, 5, **left),
        "read": lambda: store.read(key, **left),
        "list": lambda: store.list("/leases/", **left),
        "commit": lambda: store.commit(Guard(key, session.id), {"/data/x": b""}, [], **left),
        "health": lambda: store.health(**left),
    }


def batched_calls(
    store: BatchedRenewals, session: Session, timeout: float
) -> dict[str, Callable[[], list[Any]]]:
    """Of batched renewals: they answer errors, and raise none."""
    return {
        "replace_all": lambda: list(store.replace_all([Swap(KEY, b"{}", session, 5)] * 3, timeout=timeout)),
        "renew_sessions": lambda: list(store.renew_sessions([session] * 3, timeout=timeout)),
    }


class ContendedStore(Queues, Proofs, Protocol):
    """A store that has queues of contenders, and proves them."""


def contending_calls(store: ContendedStore, session: Session, timeout: float) -> Calls:
    """Of queues and proofs, of a few records and of many."""
    key, left = "/locks/job/me", {"timeout": timeout}
    before = Standing(Record(key, b"{}", 5, 5, session.id), ("/locks/job/first",))
    many = {f"/locks/{number}/me": 5 + number for number in range(300)}
    return {
        "enter": lambda: store.enter(key, b"{}", session, alone=False, **left),
        "standing": lambda: store.standing(before, **left),
        "prove few": lambda: store.prove(session, {key: 5}, frozenset(["/locks/doubtful/me"]), **left),
        "prove many": lambda: store.prove(session, many, frozenset(), **left),
    }


def manager_calls(manager: Manager, timeout: float) -> Calls:
    """Those that talk to the store at once; each is one request, or few within one timeout."""
    return {
        "acquire_lease": lambda: manager.acquire_lease("job", period=10.0),
        "steal_lease": lambda: manager.steal_lease("job", "thief", 0, 10.0, 5),
        "resume": lambda: manager.resume("job", "x" * 32),
        "get_lease": lambda: manager.get_lease("job"),
        "list_leases": manager.list_leases,
        "read": lambda: manager.read("datum"),
        "health": manager.health,
        "watch": lambda: list(itertools.islice(manager.watch("job", timeout=timeout), 3)),
    }
