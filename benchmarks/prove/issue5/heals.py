"""Sessions ended at the server: those of candidates that wait, those of new leaders, those of members."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.prove.children import until
from benchmarks.prove.figure import Figure, at_most, none_of
from benchmarks.prove.issue4.servers import Server, each
from benchmarks.prove.issue5.rivals import GROUP, Rival, Watchman
from benchmarks.prove.issue5.talk import progress
from coordination import connect, value
from coordination.recipes.leading.candidate import LEADERS
from coordination.recipes.members import MEMBERS
from coordination.record import Record, key_of
from coordination.store import Store

NAME = "contested"
RIVALS = 5
ROUNDS = 12
SETTLING = 1.5
"""Seconds after which whoever was told something has acted upon it."""

SOON_AFTER = 0.03
"""Seconds after a new leader was seen, within which its session is ended."""

HEALED = 10
"""Times that a member's session is ended."""

PATIENCE = 40.0


def figures() -> Iterator[Figure]:
    """Both servers at the same time, for it is waiting."""
    with each() as servers, ThreadPoolExecutor(len(servers)) as pool:
        for found in pool.map(lambda server: [*contested(server), *healed(server)], servers):
            yield from found


def contested(server: Server) -> Iterator[Figure]:
    """Round by round: the sessions of all who wait are ended; the leader resigns; so is the next one's."""
    store = server.store()
    rivals = [Rival(server.url, NAME, f"rival-{number}", server.ttl) for number in range(RIVALS)]
    watchman = Watchman(rivals)
    phantoms: list[str] = []
    ended = taken = 0
    try:
        for rival in rivals:
            rival.begin()
        watchman.begin()
        for number in range(ROUNDS):
            first = leading(store, rivals)
            waiting = {it.session for it in store.list("/", timeout=5.0)} - {first.session, None}
            for session in waiting:
                server.revoke(str(session))
            ended += len(waiting)
            time.sleep(SETTLING)
            phantoms += found(store, rivals, f"round {number}, ended while they waited")
            for rival in rivals:
                rival.resign()
            taken += end_next(server, store, first)
            time.sleep(SETTLING)
            phantoms += found(store, rivals, f"round {number}, ended when it led")
            progress(f"{server.name}: {number + 1} of {ROUNDS} rounds, {len(phantoms)} phantoms")
        leading(store, rivals)
        terms = sum(len(rival.terms) for rival in rivals)
        tokens = len({term.token for rival in rivals for term in rival.terms})
    finally:
        watchman.end()
        for rival in rivals:
            rival.end()
        store.close()
    what = f"{server.name}, ttl {server.ttl:g} s: {RIVALS} candidates, {ROUNDS} rounds"
    parts = {
        "sessions ended while their candidates waited": ended,
        "sessions ended of a leader that was new": taken,
        "terms": terms,
        "longest time that two believed, until the one was told, s": round(watchman.longest, 3),
        **({"first": phantoms[:3]} if phantoms else {}),
    }
    yield none_of(f"{what}: leaders without the record", "phantoms", len(phantoms), f"{2 * ROUNDS}", **parts)
    yield none_of(f"{what}: tokens that two terms had", "tokens", terms - tokens, f"{terms} terms")
    enough = ended >= ROUNDS * (RIVALS - 1) and taken == ROUNDS
    least = f">= {ROUNDS * (RIVALS - 1)} and {ROUNDS}"
    yield Figure(
        f"{what}: sessions ended, so that this shows something", least, f"{ended} and {taken}", enough
    )


def record_of(store: Store) -> Record | None:
    """Of the leadership."""
    return store.read(key_of("", LEADERS, NAME), timeout=5.0)


def leading(store: Store, rivals: Sequence[Rival]) -> Record:
    """The record, once the one whose it is believes in it, and nobody else believes in anything."""
    good = until(lambda: record_of(store) is not None and not found(store, rivals, "", one=True), PATIENCE)
    record = record_of(store)
    if not good or record is None:
        raise RuntimeError(f"there is no one leader: {[rival.believes for rival in rivals]}, {record}")
    return record


def found(store: Store, rivals: Sequence[Rival], when: str, *, one: bool = False) -> list[str]:
    """Those who believe in a term that is not what the record says; with `one`, also that nobody does."""
    record = record_of(store)
    token = None if record is None else value.decode(record.value).token or record.created
    held = [term for rival in rivals if (term := rival.believes) is not None]
    again = record_of(store)
    if (record and record.created) != (again and again.created):
        return [] if not one else ["it changes"]
    wrong = [f"{when}: {term!r}, and the record's token is {token}" for term in held if term.token != token]
    return wrong if held or not one else ["nobody"]


def end_next(server: Server, store: Store, before: Record) -> int:
    """End the session of whoever has the record next, soon after it has; how many that were."""
    next_one: list[Record] = []

    def there() -> bool:
        record = record_of(store)
        if record is not None and record.created != before.created and record.session is not None:
            next_one.append(record)
        return bool(next_one)

    if not until(there, PATIENCE):
        return 0
    time.sleep(random.uniform(0.0, SOON_AFTER))
    server.revoke(str(next_one[0].session))
    return 1


def healed(server: Server) -> Iterator[Figure]:
    """A member's session is ended; another one looks at the list until it is back, under a higher token."""
    store, took = server.store(), []
    with (
        connect(server.url, machine_id="member") as manager,
        connect(server.url, machine_id="other") as other,
    ):
        membership, onlooker = manager.membership(GROUP, ttl=server.ttl), other.membership(GROUP)
        membership.join()

        def token() -> int:
            return max((it.token for it in onlooker.members() if it.machine_id == "member"), default=0)

        for _ in range(HEALED):
            record = store.read(f"{key_of('', MEMBERS, GROUP)}/member", timeout=5.0)
            assert record is not None
            server.revoke(str(record.session))
            began, before = time.monotonic(), record.created
            assert until(lambda before=before: token() > before, PATIENCE)  # type: ignore[misc]
            took.append(time.monotonic() - began)
            time.sleep(random.uniform(0.2, 1.0))
    store.close()
    every = " ".join(f"{seconds:.2f}" for seconds in sorted(took))
    name = (
        f"{server.name}, ttl {server.ttl:g} s: member's session ended {HEALED} times: back on the list after"
    )
    yield at_most(name, server.ttl, max(took), "s", all=every)
