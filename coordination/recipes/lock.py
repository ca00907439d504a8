"""The lock: a queue of contenders in which whoever has nobody ahead holds.

After the recipe of etcd's `concurrency.Mutex` and the lock of Apache Curator: a record for each
contender, ordered by its creation; each waits for the one before it. Beyond those, a contender knows
when its own record is gone and begins anew in its old order, and looks at it once more, linearizably,
before it says that it holds.
"""

from __future__ import annotations

from collections.abc import Callable

from coordination.contention import Standing
from coordination.errors import (
    AcquireTimeout,
    OutcomeUnknown,
    SessionLost,
    StoreError,
    StoreUnavailable,
)
from coordination.recipes.queueing import Queueing
from coordination.recipes.trying import ONE_TRY, REST, Trying
from coordination.runtime import Runtime
from coordination.sharing.leaving import removed, settle
from coordination.sharing.line import Line
from coordination.sharing.place import GONE, HELD, Place
from coordination.sharing.sharing import Sharing


class Acquisition:
    """One call that acquires. `folder`: the queue; `value`: makes what the record says."""

    def __init__(
        self,
        runtime: Runtime,
        sharing: Sharing,
        folder: str,
        ttl: float,
        value: Callable[[], bytes],
        timeout: float | None,
    ) -> None:
        self._trying = Trying(runtime, sharing.keeping, folder, ttl, timeout)
        self._runtime = runtime
        self._sharing = sharing
        self._folder = folder
        self._ttl = ttl
        self._value = value
        self._place: Place | None = None

    async def once(self) -> Place | None:
        """One try, which waits for nobody's turn; None if somebody else is there."""
        try:
            for last in (False, True):
                try:
                    place, standing = await self._enter(alone=True)
                except SessionLost:
                    if last:
                        raise StoreUnavailable(
                            "the session ended under the request; nothing is left"
                        ) from None
                    continue
                if standing is None:
                    return None
                if not standing.ahead and place.shared.grant(place):
                    return place
                break
            await self._give_up()
        except BaseException:
            self._abandon()
            raise
        return None

    async def wait(self) -> Place:
        """Until it is ours; raises `AcquireTimeout` after the timeout, and leaves nothing behind."""
        line: Line | None = None
        try:
            line = self._sharing.join(self._folder, self._trying.waiter)
            while True:
                try:
                    place = await self._stand(line)
                except (StoreUnavailable, OutcomeUnknown) as error:
                    await self._trying.ride_out(error)
                    continue
                if place is not None:
                    return place
        except AcquireTimeout:
            await self._give_up()
            raise
        except BaseException:
            self._abandon()
            raise
        finally:
            if line is not None:
                line.quit(self._trying.waiter)

    # The steps of waiting. None means: begin anew.

    async def _stand(self, line: Line) -> Place | None:
        """Take a place in the queue, and wait there."""
        self._trying.keeping.demand()
        waiter = self._trying.waiter
        if not line.may_enter(waiter):
            waiter.signal.clear()
            if not line.may_enter(waiter):
                await self._trying.sleep(REST)
            return None
        # One at a time, so that we are in the store's queue in the order in which we came.
        if not await line.entering.take(self._runtime, self._trying.left(), waiter):
            raise self._trying.too_late()
        try:
            waiter.covered = line.lookout.whole and line.lookout.covers("")
            line.asking(waiter)
            place, standing = await self._enter(alone=False)
            if standing is None:
                place.shared.doubt(place)  # A create that was given up long ago has landed after all.
                return None
            line.placed(waiter, place, look=not standing.ahead)
        except SessionLost:
            return None
        finally:
            line.entering.give_back(waiter)
        if not standing.ahead and place.shared.grant(place):
            return place
        return await Queueing(self._trying, self._sharing, line, place).turn(standing)

    async def _enter(self, *, alone: bool) -> tuple[Place, Standing | None]:
        """Write a record of our own, and see who is ahead."""
        trying = self._trying
        timeout = trying.keeping.timeout
        shared = await self._sharing.session(self._runtime, self._ttl, trying.bound, timeout)
        place = self._place = shared.place(self._folder, trying.waiter.signal)
        value, timeout = self._value(), trying.request()
        return place, await self._runtime.call(lambda: place.enter(value, alone=alone, timeout=timeout))

    # The end of trying.

    async def _give_up(self) -> None:
        """Leave the queue, at once if that is quick."""
        place = self._place
        if place is None or place.state in (GONE, HELD):
            return
        place.fate.end()
        try:
            await removed(self._runtime, place.shared, place, ONE_TRY)
        except BaseException as error:
            place.shared.finish(place)
            if not isinstance(error, StoreError):
                raise
            return
        settle(place.shared, place)

    def _abandon(self) -> None:
        place = self._place
        if place is not None:
            place.shared.abandon(place)
