"""Work under a term, as a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from coordination.aio.bounds import bounded, unknown
from coordination.errors import CallbackError, OutcomeUnknown, RenewError
from coordination.lease import RELEASING
from coordination.recipes.leading.handover import conclude
from coordination.recipes.leading.outcome import Outcome, cut_off, sorted_out
from coordination.recipes.leading.working import Stopping, Working

if TYPE_CHECKING:
    from coordination._asyncio import AsyncioRuntime
    from coordination.aio.term import Term


class Work:
    """One callback under one term. Whatever becomes of its caller, the term is given up after its end."""

    def __init__(self, runtime: AsyncioRuntime, term: Term, callback: Callable[[Term], Any]) -> None:
        self._runtime = runtime
        self._term = term
        self._tenure = term.tenure
        self._callback = callback
        self._begun = False
        self._asked_to_stop = False
        self._lost: RenewError | None = None
        self._task: asyncio.Task[Any] = asyncio.ensure_future(self._called())
        self._tenure.working = Working(self._stop, self._inside)

    async def outcome(self, stopping: Stopping) -> Outcome:
        """What becomes of it."""
        self._tenure.listen(self._over)
        stopping.then(self._stop)
        cancelled = await _ended(self._task, self._task.cancel)
        giving_up = asyncio.ensure_future(self._given_up())
        cancelled = await _ended(giving_up) or cancelled
        giving_up.result()
        error = asyncio.CancelledError() if self._task.cancelled() else self._task.exception()
        if cancelled is not None:
            raise cancelled from error
        return self._sorted_out(error)

    def _sorted_out(self, error: BaseException | None) -> Outcome:
        tenure, lost = self._tenure, self._lost
        if lost is None and tenure.lost is not None:
            lost = cut_off(tenure)
        if not isinstance(error, asyncio.CancelledError):
            return sorted_out(tenure, self._task.result() if error is None else None, error, lost)
        if lost is None and not self._asked_to_stop:
            raise CallbackError(f"the work as leader of {tenure.name!r} cancelled itself") from error
        return Outcome(ran=self._begun, lost=lost)

    async def _called(self) -> Any:
        self._begun = True
        answer = self._callback(self._term)
        return await answer if isawaitable(answer) else answer

    async def _given_up(self) -> None:
        """At the end, in a task of its own that nobody cancels."""
        keeper = self._tenure.keeper
        heir = None if self._tenure.working is None else self._tenure.working.heir
        latest = RELEASING + keeper.timeout + (0.0 if heir is None else heir.timeout)
        with suppress(OutcomeUnknown):
            async with bounded(self._runtime.clock, latest, unknown):
                await conclude(self._runtime, self._tenure)

    def _inside(self) -> bool:
        return asyncio.current_task() is self._task

    def _stop(self) -> None:
        """Ask it to end, though the term is ours."""
        if not self._asked_to_stop:
            self._asked_to_stop = True
            self._term.stop.set()
            self._task.cancel()

    def _over(self) -> None:
        """On any thread: the term has ended."""
        self._runtime.tell(self._cut_off)

    def _cut_off(self) -> None:
        """The term is lost: it is cancelled, once for that, and told why."""
        if self._lost is None and self._tenure.lost is not None and not self._task.done():
            self._lost = cut_off(self._tenure)
            self._task.cancel(self._lost)


async def _ended(
    task: asyncio.Task[Any], cancel: Callable[[], object] | None = None
) -> asyncio.CancelledError | None:
    """Wait until it has ended; how we were cancelled meanwhile, which then cancels it if it may."""
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = cancelled or error
            if cancel is not None:
                cancel()
    return cancelled
