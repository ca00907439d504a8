"""The classes that both faces have, and where they differ on purpose; test_faces.py holds them to it."""

from __future__ import annotations

import coordination
from coordination import aio

PAIRS: list[tuple[type, type, set[str]]] = [
    (
        coordination.Manager,
        aio.Manager,
        {
            "acquire_lease",
            "acquire_with_secret",
            "break_lock",
            "close",
            "get_lease",
            "health",
            "holders",
            "list_leases",
            "read",
            "request_release",
            "resume",
            "steal_lease",
            "wait_lease",
        },
    ),
    (coordination.Lease, aio.Lease, {"commit", "release", "renew"}),
    (coordination.Lock, aio.Lock, {"acquire", "release", "try_acquire"}),
    (coordination.Hold, aio.Hold, {"commit", "release", "wait"}),
    (
        coordination.Leader,
        aio.Leader,
        {"campaign", "cluster_version", "current", "proclaim", "resign", "run", "transfer"},
    ),
    (coordination.Term, aio.Term, {"commit", "release", "wait"}),
    (coordination.Membership, aio.Membership, {"join", "leave", "members"}),
    (
        coordination.Pool,
        aio.Pool,
        {"add", "balance", "claim", "drain", "obtain", "remove", "units", "update", "wait_obtain"},
    ),
    (coordination.Unit, aio.Unit, {"checkpoint", "commit", "release", "restore", "wait"}),
    (coordination.Reconciler, aio.Reconciler, {"run"}),
    (coordination.LockScheduler, aio.LockScheduler, {"done", "schedule"}),
    (coordination.Once, aio.Once, {"do"}),
]
"""A class of the blocking face, that of asyncio, and which of their methods ask the store."""

INTERNAL: dict[str, dict[str, str]] = {
    "Manager": {
        "folder": "the queue of a lock by its name, for the faces",
        "lock_parts": "what a lock is made of, checked, for the faces",
        "leader_parts": "what a leader is made of, likewise",
        "membership_parts": "what a membership is made of, likewise",
        "pool_parts": "what a pool is made of, likewise",
        "keeper": "what leases share; the faces and the command reach it through the manager",
        "attempt": "one try, which the faces wait with in their own ways",
        "wait_on": "the recipe of `wait_lease`, which each face drives on its own runtime",
        "watch_on": "the recipe of `watch`, likewise",
        "runtime": "what drives the recipes; a blocking call needs no such thing between calls",
    },
    "Lease": {
        "grant": "what the registry knows; the background's",
        "lose": "how the background tells of a loss",
        "overdue_at": "the watchdog's question",
        "release_within": "for the manager's end",
        "leave": "the first half of a release, for the faces",
        "left": "the other half",
        "finish_later": "or that in the background",
        "renew_every": "how often, where a recipe says so; the heartbeat's",
        "renew_now": "the heartbeat's renewal",
        "try_turn": "the heartbeat's, one step at a time",
        "end_turn": "likewise",
    },
    "Term": {
        "halt": "how `run` sets `stop`; asyncio cancels",
        "on_stop": "what a reconciler of threads is woken by; asyncio's is cancelled",
    },
}
"""What stands in public view on one face only, and why."""

ANSWERS = {
    "Manager.watch": ("Iterator[Lease | None]", "AsyncGenerator[Lease | None, None]"),
    "Membership.watch": ("Iterator[MembershipEvent]", "AsyncGenerator[MembershipEvent, None]"),
    "Leader.observe": ("Iterator[Incumbent | None]", "AsyncGenerator[Incumbent | None, None]"),
}
"""What is answered in another form on purpose: a stream is iterated over with `async for`."""

TAKES = {
    "schedule": ("Callable[[], Result]", "Callable[[], Awaitable[Result]]"),
    "done": ("Callable[[], Result]", "Callable[[], Awaitable[Result]]"),
    "do": ("Callable[[], Result]", "Callable[[], Awaitable[Result]]"),
    "leader": ("Callable[[], bool] | None", "Callable[[], bool | Awaitable[bool]] | None"),
    "run": ("threading.Event | None", "asyncio.Event | None"),
    "wait_obtain": ("threading.Event | None", "asyncio.Event | None"),
}
"""Whose argument of this type is one that is awaited on the other face."""
