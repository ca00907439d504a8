"""A victim tells the one who stole its leadership that its work has stopped: that one need not wait longer.

It is a record at a key of its own, named by the victim's token, on a session of its own that nobody
renews: it stays though its manager is closed at once, as at the end of an old version's process, and
goes by itself when nobody waits for it any more.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coordination.errors import CoordinationError, OutcomeUnknown
from coordination.recipes.leading.candidate import FOLLOWS, Candidate
from coordination.record import key_of
from coordination.sharing.values import contender_value
from coordination.timing import Deadline

if TYPE_CHECKING:
    from coordination.recipes.leading.tenure import Tenure
    from coordination.runtime import Runtime

ACKS = "acks"

BRIEFLY = 1.0
"""Seconds that it may take; it only saves somebody else waiting."""


def ack_key(candidate: Candidate, token: int) -> str:
    """Where the victim of this token tells it. A name of its own: no contender, which nobody waits for."""
    return f"{key_of(candidate.namespace, ACKS, candidate.name)}.{token}"


async def acknowledge(runtime: Runtime, tenure: Tenure) -> None:
    """Tell it, if it was stolen. Its work must have stopped."""
    if tenure.lost == "stolen":
        await tell_thief(runtime, tenure)


async def tell_thief(runtime: Runtime, tenure: Tenure) -> None:
    """Tell it, once; what cannot be told is not.

    A tenure that was itself waiting for somebody's end has nothing to say: that one may still act.
    """
    if tenure.acknowledged or tenure.entry(FOLLOWS) is not None:
        return
    tenure.acknowledged = True
    try:
        await runtime.call(partial(_tell, tenure), leaving=True)
    except CoordinationError as error:
        tenure.keeper.warn("acknowledgement-failed", name=tenure.name, error=str(error))


def _tell(tenure: Tenure) -> None:
    keeper, candidate = tenure.keeper, tenure.candidate
    timeout = min(keeper.timeout, BRIEFLY)
    bound = Deadline(keeper.clock, timeout)
    value = contender_value(candidate.machine_id, candidate.name, keeper.clock.wall(), None)
    session = keeper.store.open_session(candidate.ttl, timeout=timeout)
    try:
        key = ack_key(candidate, tenure.token)
        keeper.store.create(key, value, session, timeout=bound.left(timeout))
    except OutcomeUnknown:
        raise  # It may be there, and of use.
    except BaseException:
        keeper.later(session)
        raise
