"""Bugs seeded into the real recipe and the real shared sessions, in one place each."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from coordination.contention import Standing
from coordination.errors import LeaseLost
from coordination.recipes import holding
from coordination.recipes.holding import lost
from coordination.recipes.queueing import Queueing
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing import believed
from coordination.sharing.asking import Asking, contenders, folder_of
from coordination.sharing.beating import Beating
from coordination.sharing.believed import Believed
from coordination.sharing.line import Line
from coordination.sharing.place import HELD, Place
from coordination.sharing.sentinel import Sentinel
from coordination.sharing.session import Shared
from coordination.sharing.sharing import Sharing
from coordination.testing.simulation import Limits
from coordination.testing.simulation.lock_plans import OUTAGES
from coordination.testing.simulation.locks import Crowds, Locks, LongHolds, PlainLocks
from tests.simulation.seeding import Bug


def own_record_not_checked(place: Place, before: Standing, timeout: float) -> Standing:
    """`Place.standing`: nobody ahead any more is taken for our turn, although our own record is gone."""
    return place.shared.asking.standing(before, timeout=timeout) or Standing(before.record, ())


def looks_before_entering(
    asking: Asking, key: str, value: bytes, session: Any, *, alone: bool, timeout: float
) -> Standing | None:
    """`Asking.enter`: who is ahead is judged before our own record is there."""
    folder = folder_of(key)
    before = contenders(asking._store.list(folder, timeout=timeout), folder)
    record = asking._store.create(key, value, session, timeout=timeout)
    return None if record is None else Standing(record, tuple(it.key for it in reversed(before)))


def renewed_as_of_the_answer(it: Believed, asked_at: float, session: Any) -> bool:
    """`Believed.renewed`: the deadline is counted from the answer, not from before the request."""
    return RENEWED(it, it.keeping.clock.now(), session)


def proven_as_of_the_answer(it: Believed, asked_at: float) -> None:
    """`Believed.proven`: the same for the proof."""
    PROVEN(it, it.keeping.clock.now())


def no_margin(ttl: float) -> float:
    """`timing.margin`: believed to the very end, by our own clock."""
    return 0.0


def stays_when_cancelled(shared: Shared, place: Place) -> None:
    """`Shared.abandon`: who was cancelled stays in the queue, and the next one waits for it."""


async def nothing_cleared(beating: Beating, runtime: Any, strays: Any, patience: float) -> None:
    """`Beating._clear`: a create that was given up and landed later is looked for by nobody."""


def granted_all_the_same(shared: Shared, place: Place) -> bool:
    """`Shared.grant`: it is our turn, whatever became of the place and its session meanwhile."""
    place.state = HELD
    return True


async def nothing_proven(beating: Beating, runtime: Any, patience: float) -> None:
    """`Beating._prove`: a session that lives is taken for the proof that what was on it is there."""
    beating._shared.proven(runtime.clock.now())


async def no_second_look(queueing: Queueing, ahead: str) -> None:
    """`Queueing._cover`: watches from now on, and does not ask what went before that."""
    lookout, timeout = queueing._line.lookout, queueing._trying.request()
    if not lookout.covers(ahead):
        await queueing._runtime.call(lambda: lookout.begin(ahead, timeout))
    queueing._waiter.covered = True


def next_not_woken(line: Line, before: Any) -> None:
    """`Line._changed`: when the first of this process leaves, nobody else begins to watch."""


def token_from_elsewhere(shared: Shared, place: Place, record: Record) -> None:
    """`Shared.entered`: the token is a count of our own, not of the write that created the record."""
    ENTERED(shared, place, record)
    place.created = int(place.key.rpartition(".")[2])


async def forgotten_while_asking_why(runtime: Runtime, place: Place) -> LeaseLost:
    """`holding._gone`: who is cancelled in asking why it was lost leaves it in the ledger for ever.

    This one was not seeded: the simulator found it.
    """
    shared = place.shared
    await shared.sentinel.learn(runtime)
    reason = shared.dead or shared.sentinel.reason(place)
    shared.lose_place(place, reason)
    return lost(place, place.fate.lost or reason)


def deaf(sentinel: Sentinel, key: str, index: int) -> None:
    """`Sentinel._moved`: that somebody broke a lock of ours is not heard."""


def dead_or_alive(sharing: Sharing, ttl: float) -> Shared | None:
    """`Sharing._alive`: a session that died is used again."""
    return sharing._sessions.get(ttl)


RENEWED, PROVEN, ENTERED = Believed.renewed, Believed.proven, Shared.entered


class Robbed(Locks):
    """One holds briefly, and others delete its record behind its back."""

    hold_for = (0.5,)
    parts = (Locks.contend, Locks.meddles)


BUGS = {
    "own record not checked": Bug(((Place, "standing", own_record_not_checked),), PlainLocks),
    "looks before entering": Bug(((Asking, "enter", looks_before_entering),), Locks),
    "deadline counted from the answer": Bug(
        ((Believed, "renewed", renewed_as_of_the_answer), (Believed, "proven", proven_as_of_the_answer)),
        LongHolds,
        OUTAGES,
    ),
    "no margin for clocks": Bug(((believed, "margin", no_margin),), LongHolds),
    "cancelled waiter stays": Bug(((Shared, "abandon", stays_when_cancelled),), Locks),
    "late create forgotten": Bug(((Beating, "_clear", nothing_cleared),), Locks),
    "granted on a dead session": Bug(((Shared, "grant", granted_all_the_same),), LongHolds),
    "belief without proof": Bug(((Beating, "_prove", nothing_proven),), LongHolds),
    "no second look after watching": Bug(((Queueing, "_cover", no_second_look),), Locks),
    "next waiter not woken": Bug(((Line, "_changed", next_not_woken),), Crowds),
    "token from elsewhere": Bug(((Shared, "entered", token_from_elsewhere),), LongHolds),
    "broken, and not heard": Bug(((Sentinel, "_moved", deaf),), LongHolds),
    "forgotten while asking why": Bug(
        ((holding, "_gone", forgotten_while_asking_why),),
        Robbed,
        Limits(crashes=0, answers=0, delays=1, cuts=0, cancels=1),
    ),
    "dead session used again": Bug(((Sharing, "alive", dead_or_alive),), LongHolds),
}


def seeded(name: str) -> AbstractContextManager[None]:
    """The library with this bug in it."""
    return BUGS[name].seeded()
