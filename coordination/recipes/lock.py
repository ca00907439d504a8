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
    CoordinationError,
    OutcomeUnknown,
    SessionLost,
    StoreError,
    StoreUnavailable,
)
from coordination.recipes.queueing import Queueing
from coordination.recipes.trying import REST, Trying
from coordination.runtime import Runtime
from coordination.sharing.leaving import removed, settle
from coordination.sharing.line import Line
from coordination.sharing.place import GONE, HELD, Place
from coordination.sharing.sharing import Sharing
from coordination.timing import ONE_TRY

Entered = tuple[Place, Standing]


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
        self._line: Line | None = None

    async def once(self) -> Place | None:
        """One try, which waits for nobody's turn; None if somebody else is there."""
        try:
            found = await self._enter(alone=True)
            if found is None and self._session_ended():
                found = await self._enter(alone=True)  # On a new one, then.
                if found is None and self._session_ended():
                    raise self._trying.too_slow()
            if found is not None:
                place, standing = found
                if not standing.ahead and place.shared.grant(place):
                    return place
                if self._session_ended():
                    raise self._trying.too_slow()
                await self._give_up()
        except BaseException:
            self.abandon()
            raise
        return None

    async def wait(self) -> Place:
        """Until it is ours; raises `AcquireTimeout` after the timeout, and leaves nothing behind."""
        sharing, folder, waiter = self._sharing, self._folder, self._trying.waiter
        try:
            self._line = sharing.join(folder, waiter)
            while True:
                try:
                    place = await self._stand()
                except (StoreUnavailable, OutcomeUnknown) as error:
                    self._line_up()
                    await self._trying.ride_out(error)
                    continue
                if place is not None:
                    return place
                await self._trying.begin_anew()
        except AcquireTimeout:
            await self._give_up()
            raise
        except BaseException:
            self.abandon()
            raise
        finally:
            sharing.quit(folder, waiter, self._line)

    # The steps of waiting. None means: begin anew.

    async def _stand(self) -> Place | None:
        """Take a place in the queue, and wait there. Who is alone here does without a line."""
        self._trying.keeping.demand()
        line = self._line
        found = await (self._enter_in_turn(line) if line is not None else self._enter(alone=False))
        if found is None:
            self._line_up()
            return None
        place, standing = found
        if not standing.ahead:
            if place.shared.grant(place):
                return place
            self._trying.stumble()
        if line is None:
            line = self._line_up(place, standing)
        return await Queueing(self._trying, self._sharing, line, place).turn(standing)

    async def _enter_in_turn(self, line: Line) -> Entered | None:
        """One at a time, so that we are in the store's queue in the order in which we came."""
        waiter, signal = self._trying.waiter, self._trying.listen()
        if not line.may_enter(waiter):
            signal.clear()
            if not line.may_enter(waiter):
                await self._trying.sleep(REST)
            return None
        if not await line.entering.take(self._runtime, self._trying.left(), waiter):
            raise self._trying.too_late()
        try:
            waiter.covered = line.lookout.whole and line.lookout.covers("")
            line.asking(waiter)
            found = await self._enter(alone=False)
            if found is not None:
                line.placed(waiter, found[0], look=not found[1].ahead)
            return found
        finally:
            line.entering.give_back(waiter)

    def _line_up(self, place: Place | None = None, standing: Standing | None = None) -> Line:
        """It is not that simple: wait with others, who may have come meanwhile."""
        waiter, line = self._trying.waiter, self._line
        if line is None:
            self._trying.listen()
            line = self._line = self._sharing.line_up(self._folder, waiter)
            if place is not None and standing is not None:
                line.placed(waiter, place, look=not standing.ahead)
            line.entering.give_back(waiter)
        return line

    async def _enter(self, *, alone: bool) -> Entered | None:
        """Write a record of our own, and see who is ahead; None if that was for nothing."""
        trying, sharing = self._trying, self._sharing
        shared = sharing.alive(self._ttl)
        if shared is None:
            shared = await sharing.session(self._runtime, self._ttl, trying.bound, trying.keeping.timeout)
        line = self._line
        if line is not None and not line.may_enter(trying.waiter):
            return None  # While we waited, those before us have lost their places.
        place = self._place = shared.place(self._folder, trying.waiter)
        value, timeout = self._value(), trying.request()
        try:
            standing = await self._runtime.call(lambda: place.enter(value, alone=alone, timeout=timeout))
        except SessionLost:
            trying.stumble()
            return None
        return None if standing is None else (place, standing)

    def overdue(self) -> CoordinationError:
        """What to say if it did not even end in time: who waits behind others was answered by the store."""
        place = self._place
        unanswered = self._line is None if place is None else not place.created
        return self._trying.absent() if unanswered else self._trying.too_late()

    def _session_ended(self) -> bool:
        """Whether our last try was for nothing because its session was dead by then."""
        return self._place is not None and self._place.shared.dead is not None

    # The end of trying.

    async def _give_up(self) -> None:
        """Leave the queue, at once if that is quick."""
        place = self._place
        if place is None or place.state in (GONE, HELD):
            return
        place.fate.end()
        place.shared.begin_release(place)
        try:
            await removed(self._runtime, place.shared, place, ONE_TRY)
        except BaseException as error:
            place.shared.finish(place)
            if not isinstance(error, StoreError):
                raise
            return
        settle(place.shared, place)

    def abandon(self) -> None:
        """Nobody wants it any more, whatever has become of it: given back in the background."""
        place = self._place
        if place is not None:
            place.shared.abandon(place)
