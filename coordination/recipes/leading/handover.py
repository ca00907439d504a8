"""Passing a leadership to one candidate of our choice, when our own work under it has stopped.

The record says who is to have it; everybody else stays away, and that one steals it by its index, with
nothing to wait for. If it does not come in time, the record is released for all.
"""

from __future__ import annotations

import math
from functools import partial

from coordination.bell import Bell
from coordination.errors import CoordinationError, LeaseLost, OutcomeUnknown, StoreError, StoreUnavailable
from coordination.recipes.leading.acknowledging import acknowledge, tell_thief
from coordination.recipes.leading.candidate import FOLLOWS
from coordination.recipes.leading.ending import end, loss_of
from coordination.recipes.leading.tenure import Tenure
from coordination.recipes.leading.working import Heir
from coordination.record import Record
from coordination.runtime import Runtime
from coordination.timing import Deadline
from coordination.value import decode

SLICE = 2.0
"""Seconds after which to look untold: watches lose events."""

AGAIN = 0.2
"""Seconds between two tries where the store is out of reach."""


async def transfer(runtime: Runtime, tenure: Tenure, heir: Heir) -> bool:
    """Hand it over; True if the heir took it. What works under it is told to stop first, and waited for.

    Asked by that work itself, it is arranged for when it has ended: True. `LeaseLost` if it is not ours.
    """
    with tenure.telling():
        if not tenure.held:
            raise loss_of(tenure)
        working = tenure.working
        if working is None:
            return await hand_over(runtime, tenure, heir)
        if not working.arrange(heir):
            raise loss_of(tenure)
        if working.inside():
            return True
        working.stop()
        await working.wait(runtime)
        return working.handed_over


async def resign(runtime: Runtime, tenure: Tenure) -> bool:
    """Release it; what works under it is told to stop first, and waited for, as by `transfer`."""
    working = tenure.working
    if working is None or not working.arrange(None):
        return await end(runtime, tenure)
    if working.inside():
        return True
    working.stop()
    await working.wait(runtime)
    if tenure.lost is not None:
        raise loss_of(tenure)
    return working.released


async def conclude(runtime: Runtime, tenure: Tenure) -> None:
    """The work under it has ended: give it up, as was arranged. A loss is told by `tenure.lost`."""
    working = tenure.working
    heir = None if working is None else working.close()
    handed = released = False
    try:
        if heir is None:
            released = await end(runtime, tenure)
        else:
            handed = await hand_over(runtime, tenure, heir)
    except LeaseLost:
        pass
    finally:
        tenure.working = None
        if working is not None:
            working.over(handed_over=handed, released=released)


async def hand_over(runtime: Runtime, tenure: Tenure, heir: Heir) -> bool:
    """Nothing works under it any more: leave it to the heir, or after `heir.timeout` seconds to anybody.

    `LeaseLost` if it was lost before that began; a thief who waits for our work is told that it stopped.
    """
    if tenure.lost is None and not tenure.bequeath():
        return False
    if tenure.lost is None:
        passing = _Passing(runtime, tenure, heir)
        try:
            handed, lost = await passing.outcome()
        except BaseException:
            tenure.finish_later()
            raise
        tenure.bequeathed(lost)
        if lost is None:
            return handed
    await acknowledge(runtime, tenure)
    raise loss_of(tenure)


class _Passing:
    """One try at it."""

    def __init__(self, runtime: Runtime, tenure: Tenure, heir: Heir) -> None:
        self._runtime = runtime
        self._tenure = tenure
        self._keeper = tenure.keeper
        self._heir = heir
        self._bound = Deadline(runtime.clock, heir.timeout)
        self._bell = Bell(runtime, tenure.keeper.store, tenure.candidate.key)
        self._named = False
        self._renew_at = -math.inf

    async def outcome(self) -> tuple[bool, str | None]:
        """Whether the heir has it, and if it was lost before that could be, why."""
        try:
            return await self._wait(), None
        except LeaseLost as loss:
            taken = await self._taken_by_heir()
            return taken, None if taken or self._named else loss.reason
        finally:
            self._bell.close()

    async def _wait(self) -> bool:
        """Until somebody has it, or the time is over; then it is released."""
        while True:
            try:
                pause = await self._look()
            except (StoreUnavailable, OutcomeUnknown):
                pause = AGAIN
            if pause is None:
                return await self._taken_by_heir()
            if self._bound.passed or self._keeper.closing:
                break
            await self._bell.wait(self._bound.left(pause))
        try:
            release = partial(self._keeper.registry.release, self._tenure.grant, self._keeper.timeout)
            await self._runtime.call(release, leaving=True)
        except StoreError:
            self._tenure.finish_later()
        return False

    async def _look(self) -> float | None:
        """Name the heir if that is due, and see who has it: how long to wait, None if we have it no more."""
        timeout = min(self._keeper.timeout, max(AGAIN, self._bound.left(self._keeper.timeout)))
        if not self._bell.listening:
            await self._runtime.call(partial(self._bell.listen, timeout))
        now = self._runtime.clock.now()
        if now >= self._renew_at:
            name = partial(self._tenure.bequeath_to, self._heir.machine_id, timeout)
            await self._runtime.call(name)
            self._named = True
            self._renew_at = now + self._tenure.candidate.renew
        record = await self._runtime.call(partial(self._read, timeout))
        return min(SLICE, self._renew_at - now) if self._tenure.there(record) else None

    async def _taken_by_heir(self) -> bool:
        """Whether the one who has it now is the heir, or has it from the heir."""
        try:
            record = await self._runtime.call(partial(self._read, self._keeper.timeout))
        except CoordinationError:
            return False
        if record is None or self._tenure.there(record):
            return False
        value, ours = decode(record.value), str(self._tenure.token)
        follows = value.metadata.get(FOLLOWS)
        if follows == ours:  # It came before the heir was named, and waits for our work, which has stopped.
            await tell_thief(self._runtime, self._tenure)
        # Another newer version than the heir stayed away from us, so it has it from the heir.
        return value.machine_id == self._heir.machine_id or follows not in (None, ours)

    def _read(self, timeout: float) -> Record | None:
        return self._keeper.store.read(self._tenure.candidate.key, timeout=timeout)
