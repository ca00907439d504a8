"""Leader election for asyncio: a candidate for one name, and its work while it leads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar

from coordination.aio.bounds import absent, bounded, unknown
from coordination.aio.running import Work
from coordination.aio.stopping import relayed
from coordination.aio.term import Term
from coordination.errors import AcquireTimeout, ConfigurationError, CoordinationError
from coordination.recipes.leading.gate import read_gate
from coordination.recipes.leading.handover import resign, transfer
from coordination.recipes.leading.observing import Incumbent, look, observed
from coordination.recipes.leading.outcome import Outcome
from coordination.recipes.leading.working import Stopping
from coordination.standing import Standing
from coordination.timing import Seconds, waiting

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.telling import Teller
    from coordination.recipes.leading.campaign import Campaign

Result = TypeVar("Result")


class Leader(Standing):
    """A candidate for one name, for the tasks of one event loop. Reusable; any number of tasks may share it.

    Whoever is cancelled stops waiting at once, and what the request under way still wins is given back.
    """

    _term: Term | None = None

    def __init__(self, runtime: AsyncioRuntime, teller: Teller, *parts: Any) -> None:
        super().__init__(runtime, *parts)
        self._asyncio = runtime
        self._teller = teller

    @property
    def term(self) -> Term | None:
        """The term it has; None if it does not lead."""
        term = self._term
        return term if term is not None and term.held else None

    async def campaign(self, timeout: Seconds | None = None) -> Term:
        """Wait until it leads, `timeout` seconds at most (None: for ever; 0: one try for a free name).

        While it leads it answers the term that it has. Raises `AcquireTimeout` if others lead, or it may
        not compete, all the while; the store's own error if the store could not be reached at the end;
        `CallbackError` for what `eligible` raises. Nothing is left behind then, except where an older
        version was just being taken over from: nobody leads before that one's time is over.
        """
        within = waiting(timeout)
        self._demand()
        term = self.term or await self._lead(self._campaign(within), within)
        if term is None:
            raise AcquireTimeout(f"the campaign for {self.name!r} was stopped")
        return term

    async def resign(self) -> bool:
        """Give up the term: True if it had one, False if it had none; `LeaseLost` if that was lost.

        Work that `run` runs is cancelled first, and waited for; called by that work itself it is
        arranged for its end, and True.
        """
        self._demand()
        term = self._term
        if term is None:
            return False
        if term.tenure.working is None:
            return await term.release()
        return await resign(self._runtime, term.tenure)

    async def proclaim(self, value: object) -> None:
        """Have everybody see this value, as long as the term lasts: None, bytes, or what JSON can hold.

        A compare-and-swap against our own term: `LeaseLost` if it has none. `StoreUnavailable`: nothing
        was written; `OutcomeUnknown`: the next renewal writes it in any case.
        """
        tenure = self._mine(self._term)
        # One request's time for its turn, and one for itself.
        await self._request(partial(tenure.proclaim, value), 2 * self._keeper.timeout, unknown)

    async def current(self) -> Incumbent | None:
        """Who leads; None if nobody does."""
        timeout = self._keeper.timeout
        return (await self._request(partial(look, self._keeper, self._candidate, timeout), timeout))[0]

    def observe(self, timeout: Seconds | None = None) -> AsyncGenerator[Incumbent | None, None]:
        """Who leads now (or None), then each change, for `timeout` seconds; renewals are no change.

        Changes in quick succession may be folded into one.
        """
        self._keeper.demand()
        return observed(self._runtime, self._keeper, self._candidate, waiting(timeout))

    async def cluster_version(self) -> int:
        """The newest version that has led, below which nobody competes any more; 0 if there is none."""
        timeout = self._keeper.timeout
        return await self._request(partial(read_gate, self._keeper.store, self._candidate, timeout), timeout)

    async def transfer(self, to: str, timeout: Seconds | None = None) -> bool:
        """Hand over to the candidate with that machine id, which need not wait; True if it took it.

        Our term ends. If the candidate does not come within `timeout` seconds (None: twice `retry`, at
        least 2), the leadership is free for all, and the answer False. Work that `run` runs is cancelled
        first, and waited for; called by that work itself it is arranged for its end, and True. Raises
        `LeaseLost` if it has no term.
        """
        heir = self._heir(to, timeout)
        self._demand()
        return await transfer(self._runtime, self._mine(self._term), heir)

    async def run(
        self,
        callback: Callable[[Term], Any],
        *,
        stop: asyncio.Event | None = None,
        timeout: Seconds | None = None,
    ) -> Outcome:
        """Wait until it leads, `timeout` seconds at most, then await `callback(term)`; what became of that.

        `stop` ends the waiting, or has the callback cancelled. When the term is lost the callback is
        cancelled with the `RenewError` as the message: `error.args[0]` of the CancelledError. It is
        waited for, however long it takes to end, also by a caller who is cancelled, and only then is the
        term released, on every way out. What it raises is raised as `CallbackError`, except what comes
        from the loss.
        """
        within = waiting(timeout)
        if not callable(callback):
            raise ConfigurationError(f"run takes a callable, not {callback!r}")
        self._demand()
        stopping = Stopping()
        async with relayed(stop, stopping.happen):
            if stop is not None and stop.is_set():
                return Outcome(ran=False)
            term = self._free_term() or await self._waited(within, stopping)
            if term is None:
                return Outcome(ran=False)
            return await Work(self._asyncio, term, callback).outcome(stopping)

    def _free_term(self) -> Term | None:
        """The term it has, if nothing runs under it."""
        term = self.term
        return term if term is not None and term.tenure.working is None else None

    async def _waited(self, timeout: float | None, stopping: Stopping) -> Term | None:
        campaign = self._campaign(timeout)
        stopping.then(campaign.stop)
        try:
            return await self._lead(campaign, timeout)
        except AcquireTimeout:
            return None

    async def _lead(self, campaign: Campaign, timeout: float | None) -> Term | None:
        # The last request may have begun just before the end.
        latest = None if timeout is None else timeout + self._keeper.timeout
        try:
            async with bounded(self._runtime.clock, latest):
                tenure = await campaign.wait()
        except BaseException:
            campaign.abandon()
            raise
        if tenure is None:
            return None
        self._term = Term(self._asyncio, self._teller, tenure)
        return self._term

    def _demand(self) -> None:
        self._asyncio.demand()
        self._keeper.demand()

    async def _request(
        self,
        step: Callable[[], Result],
        timeout: float,
        late: Callable[[], CoordinationError] = absent,
    ) -> Result:
        self._demand()
        async with bounded(self._runtime.clock, timeout, late):
            return await self._runtime.call(step)

    async def _answer(self, asked: Callable[[], Any]) -> object:
        answer = asked()
        return await answer if isawaitable(answer) else answer
