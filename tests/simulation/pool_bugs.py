"""Bugs seeded into the real pools, and into what they stand on, in one place each."""

from __future__ import annotations

from functools import partial
from typing import Any

from coordination.errors import OutcomeUnknown
from coordination.pooling.balancing import Balancing
from coordination.pooling.definitions import Definition, Editor
from coordination.pooling.share import Rules, Share
from coordination.recipes import holding
from coordination.recipes.presence import Presence
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.sharing import leaving
from coordination.sharing.beating import Beating
from coordination.sharing.place import HELD, Place
from coordination.sharing.session import Shared
from coordination.testing.simulation.pool_plans import POOLED
from coordination.testing.simulation.pools import Pools
from tests.simulation.bugs import nothing_cleared
from tests.simulation.seeding import Bug


def given_up_late(shared: Shared, place: Place, reason: str) -> None:
    """`Shared.surrender`: the record goes first, and its holder is told after that."""
    if place.state == HELD:
        shared.keeping.clean_at(0.0, partial(_removed_first, shared, place, reason))


async def _removed_first(shared: Shared, place: Place, reason: str, runtime: Runtime) -> None:
    store = shared.keeping.store
    await runtime.call(partial(store.delete, place.key, place.index, timeout=1.0))
    await runtime.wait(runtime.signal(), 0.1)
    shared.lose_place(place, reason)


async def always_defined(editor: Editor, runtime: Runtime, unit: str) -> Definition | None:
    """`Editor.look`: who obtains a unit does not look whether it still is one."""
    return await LOOK(editor, runtime, unit) or Definition()


async def whoever_is_there(runtime: Runtime, shared: Shared, place: Place, timeout: float) -> bool:
    """`leaving.removed`: who does not know whether a unit became his removes whatever is there.

    This one was not seeded: the simulator found it. It was right as long as keys were contenders'.
    """
    store = shared.keeping.store
    for _ in range(3):
        if place.index and await runtime.call(
            partial(store.delete, place.key, place.index, timeout=timeout), leaving=True
        ):
            return True
        record = await runtime.call(partial(store.read, place.key, timeout=timeout), leaving=True)
        if record is None or (place.created and record.created != place.created):
            return False
        place.created, place.index = record.created, record.index
    raise OutcomeUnknown("somebody keeps writing over the record")


async def nobody_asked(share: Share, *args: Any) -> float:
    """`Share._ask`: what others have is left to them, however much that is."""
    return 30.0


def counted_here(shared: Shared, place: Place, record: Record) -> None:
    """`Shared.entered`: the token is a count of our own, not of the write that created the record."""
    ENTERED(shared, place, record)
    place.created = 1


def stays_away(presence: Presence, place: Place, reason: str) -> None:
    """`Presence._lost`: a machine whose record was lost does not come back."""


async def goes_on(balancing: Balancing, runtime: Runtime) -> None:
    """`Balancing.leave`: whoever drains stays one of the machines, and is given a share for ever."""
    balancing.end()


async def no_next_round(balancing: Balancing, runtime: Runtime, rules: Rules) -> None:
    """`Balancing.begin`: a machine whose `balance()` was cancelled is there, and does nothing ever.

    This one was not seeded: the simulator found it.
    """
    try:
        await BEGIN(balancing, runtime, rules)
    except BaseException:
        balancing._due = None
        raise


async def only_once(balancing: Balancing, due: float, runtime: Runtime) -> None:
    """`Balancing._in_background`: nothing is done but the first round."""


class ByHand(Pools):
    """Nobody keeps his share; units are obtained, and given back."""

    parts = (Pools.obtains, Pools.claims, Pools.waits)


class Edited(Pools):
    """Units are removed while others obtain them."""

    come_at = (0.0,)
    parts = (Pools.edits, Pools.obtains, Pools.waits)


LOOK, ENTERED, BEGIN = Editor.look, Shared.entered, Balancing.begin

POOL_BUGS = {
    "given up after the record is gone": Bug(((Shared, "surrender", given_up_late),), Pools, POOLED),
    "definition not read": Bug(((Editor, "look", always_defined),), Edited, POOLED),
    "stray owner not cleared": Bug(((Beating, "_clear", nothing_cleared),), ByHand, POOLED),
    "another's record removed": Bug(
        ((leaving, "removed", whoever_is_there), (holding, "removed", whoever_is_there)), Pools, POOLED
    ),
    "nobody is asked": Bug(((Share, "_ask", nobody_asked),), Pools, POOLED),
    "tokens counted here": Bug(((Shared, "entered", counted_here),), Pools, POOLED),
    "machine stays away": Bug(((Presence, "_lost", stays_away),), Pools, POOLED),
    "drained machine stays": Bug(((Balancing, "leave", goes_on),), Pools, POOLED),
    "cancelled, and no next round": Bug(((Balancing, "begin", no_next_round),), Pools, POOLED),
    "balanced only once": Bug(((Balancing, "_in_background", only_once),), Pools, POOLED),
}
