"""A reconcile loop for asyncio, that runs on whoever leads, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import TYPE_CHECKING

from coordination.recipes.leading.reconciling import reconciling
from coordination.reconciler import INTERVAL, Periodic
from coordination.timing import Seconds

if TYPE_CHECKING:
    from coordination.aio.leader import Leader
    from coordination.aio.term import Term


class Reconciler(Periodic):
    """Awaits `reconcile(term)` while `leader` leads: at once, after each `trigger`, and now and then.

    `interval`: seconds after the last time until the next, if nothing triggers it before.
    """

    def __init__(
        self, leader: Leader, reconcile: Callable[[Term], object], *, interval: Seconds = INTERVAL
    ) -> None:
        super().__init__(reconcile, interval)
        self._leader = leader

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Campaign and reconcile, again and again, until `stop` is set (None: for ever).

        `reconcile` is cancelled when the term is lost or `stop` is set, and waited for. What it raises is
        raised as `CallbackError`. When the term is lost it campaigns again.
        """
        while stop is None or not stop.is_set():
            await self._leader.run(self._work, stop=stop)

    async def _work(self, term: Term) -> None:
        runtime = self._leader.runtime
        happened = self._happened = runtime.signal()

        async def act() -> None:
            answer = self._reconcile(term)
            if isawaitable(answer):
                await answer

        try:
            await reconciling(runtime, happened, term.stop.is_set, act, self._interval)
        finally:
            self._happened = None
