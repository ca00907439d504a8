"""Waiting in line: each waits for the one before it, and looks at its own record before it goes on."""

from __future__ import annotations

from coordination.contention import Standing
from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.recipes.trying import REST, Trying
from coordination.sharing.line import Line
from coordination.sharing.place import WAITING, Place
from coordination.sharing.sharing import Sharing


class Queueing:
    """One place in one line, until it is held or gone."""

    def __init__(self, trying: Trying, sharing: Sharing, line: Line, place: Place) -> None:
        self._trying = trying
        self._runtime = trying.runtime
        self._waiter = trying.waiter
        self._sharing = sharing
        self._line = line
        self._place = place

    async def turn(self, standing: Standing) -> Place | None:
        """Wait for the turn; None if the place is gone, alone or with its session."""
        waiter, place = self._waiter, self._place
        while place.state == WAITING:
            self._trying.keeping.demand()
            if not waiter.look:
                await self._stay(standing)
                continue
            seen = await self._look(standing)
            if seen is not None and not seen.ahead and place.shared.grant(place):
                return place
            standing = seen or standing
            if not standing.ahead:
                waiter.look = True
        self._line.displaced(waiter)
        return None

    async def _look(self, before: Standing) -> Standing | None:
        """Who is ahead now; our own record has to be there still."""
        waiter, place, timeout = self._waiter, self._place, self._trying.request()
        waiter.look = False
        self._line.asking(waiter)
        try:
            standing = await self._runtime.call(lambda: place.standing(before, timeout))
        except (StoreUnavailable, OutcomeUnknown) as error:
            waiter.look = True
            await self._trying.ride_out(error)
            return None
        self._trying.answered()
        if standing is None:
            place.shared.lose_place(place, "deleted")
        return standing

    async def _stay(self, standing: Standing) -> None:
        """Wait until the one ahead is gone, or something else happened."""
        waiter, line, ahead = self._waiter, self._line, standing.ahead[0]
        self._trying.listen().clear()
        if not line.awaits(waiter, ahead):
            waiter.look = True
            return
        first = line.is_first(waiter)
        if first and not self._sharing.is_ours(ahead) and not self._covered(ahead):
            await self._cover(ahead)
        if waiter.look or self._place.state != WAITING:
            return
        seconds = self._trying.until_look(standing.left) if first else REST
        if not await self._trying.sleep(seconds) and first:
            waiter.look = True

    def _covered(self, ahead: str) -> bool:
        lookout = self._line.lookout
        return lookout.covers(ahead) and (self._waiter.covered or not lookout.whole)

    async def _cover(self, ahead: str) -> None:
        """Have it told when `ahead` goes; it may have gone before."""
        waiter, lookout, timeout = self._waiter, self._line.lookout, self._trying.request()
        if not lookout.covers(ahead):
            try:
                await self._runtime.call(lambda: lookout.begin(ahead, timeout))
            except (StoreUnavailable, OutcomeUnknown) as error:
                waiter.look = True
                await self._trying.ride_out(error)
                return
        if lookout.whole:
            waiter.covered = waiter.look = True
