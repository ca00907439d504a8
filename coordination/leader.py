"""Leader election for threads: a candidate for one name, and its work while it leads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from coordination._blocking import iterated
from coordination.errors import AcquireTimeout, ConfigurationError
from coordination.interrupts import allowed, deferred
from coordination.recipes.leading.campaign import Campaign
from coordination.recipes.leading.gate import read_gate
from coordination.recipes.leading.handover import resign, transfer
from coordination.recipes.leading.observing import Incumbent, look, observed
from coordination.recipes.leading.outcome import Outcome
from coordination.recipes.leading.working import Stopping
from coordination.running import work
from coordination.runtime import run
from coordination.standing import Standing
from coordination.stopping import relayed
from coordination.term import Term
from coordination.timing import Seconds, waiting


class Leader(Standing):
    """A candidate for one name. Reusable, thread-safe; belongs to the process that made it."""

    _term: Term | None = None

    @property
    def term(self) -> Term | None:
        """The term it has; None if it does not lead."""
        term = self._term
        return term if term is not None and term.held else None

    def campaign(self, timeout: Seconds | None = None) -> Term:
        """Wait until it leads, `timeout` seconds at most (None: for ever; 0: one try for a free name).

        While it leads it answers the term that it has. Raises `AcquireTimeout` if others lead, or it may
        not compete, all the while; the store's own error if the store could not be reached at the end;
        `CallbackError` for what `eligible` raises. Nothing is left behind then, except where an older
        version was just being taken over from: nobody leads before that one's time is over.
        """
        within = waiting(timeout)
        self._keeper.demand()
        term = self.term or self._lead(self._campaign(within))
        if term is None:
            raise AcquireTimeout(f"the campaign for {self.name!r} was stopped")
        return term

    def resign(self) -> bool:
        """Give up the term: True if it had one, False if it had none; `LeaseLost` if that was lost.

        Work that `run` runs is told to stop first, and waited for; called by that work itself it is
        arranged for its end, and True.
        """
        term = self._term
        if term is None:
            return False
        with deferred():
            return run(resign(self._runtime, term.tenure))

    def proclaim(self, value: object) -> None:
        """Have everybody see this value, as long as the term lasts: None, bytes, or what JSON can hold.

        A compare-and-swap against our own term: `LeaseLost` if it has none. `StoreUnavailable`: nothing
        was written; `OutcomeUnknown`: the next renewal writes it in any case.
        """
        self._mine(self._term).proclaim(value)

    def current(self) -> Incumbent | None:
        """Who leads; None if nobody does."""
        return look(self._keeper, self._candidate, self._keeper.timeout)[0]

    def observe(self, timeout: Seconds | None = None) -> Iterator[Incumbent | None]:
        """Who leads now (or None), then each change, for `timeout` seconds; renewals are no change.

        Changes in quick succession may be folded into one.
        """
        self._keeper.demand()
        return iterated(observed(self._runtime, self._keeper, self._candidate, waiting(timeout)))

    def cluster_version(self) -> int:
        """The newest version that has led, below which nobody competes any more; 0 if there is none."""
        self._keeper.demand()
        return read_gate(self._keeper.store, self._candidate, self._keeper.timeout)

    def transfer(self, to: str, timeout: Seconds | None = None) -> bool:
        """Hand over to the candidate with that machine id, which need not wait; True if it took it.

        Our term ends. If the candidate does not come within `timeout` seconds (None: twice `retry`, at
        least 2), the leadership is free for all, and the answer False. Work that `run` runs is told to
        stop first, and waited for; called by that work itself it is arranged for its end, and True.
        Raises `LeaseLost` if it has no term.
        """
        heir = self._heir(to, timeout)
        tenure = self._mine(self._term)
        with deferred():
            return run(transfer(self._runtime, tenure, heir))

    def run(
        self,
        callback: Callable[[Term], Any],
        *,
        stop: threading.Event | None = None,
        timeout: Seconds | None = None,
    ) -> Outcome:
        """Wait until it leads, `timeout` seconds at most, then call `callback(term)`; what became of that.

        `stop`, an event, ends the waiting or asks the callback to end. The callback has to end soon after
        `term.stop` is set, which it is when the term is lost too; it is waited for, however long that
        takes, and only then is the term released, on every way out. What it raises is raised as
        `CallbackError`, except the `LeaseLost` of its own lost term.
        """
        within = waiting(timeout)
        if not callable(callback):
            raise ConfigurationError(f"run takes a callable, not {callback!r}")
        self._keeper.demand()
        stopping = Stopping()
        with relayed(stop, stopping.happen):
            if stop is not None and stop.is_set():
                return Outcome(ran=False)
            term = self._free_term() or self._waited(within, stopping)
            return Outcome(ran=False) if term is None else work(self._runtime, term, callback, stopping)

    def _free_term(self) -> Term | None:
        """The term it has, if nobody works under it."""
        term = self.term
        return term if term is not None and term.tenure.engage() else None

    def _waited(self, timeout: float | None, stopping: Stopping) -> Term | None:
        campaign = self._campaign(timeout)
        stopping.then(campaign.stop)
        try:
            return self._lead(campaign, to_work=True)
        except AcquireTimeout:
            return None

    def _lead(self, campaign: Campaign, *, to_work: bool = False) -> Term | None:
        try:
            with deferred():
                tenure = run(campaign.wait())
                if tenure is None:
                    return None
                if to_work:  # Before anybody else sees it.
                    tenure.engage()
                self._term = term = Term(self._runtime, tenure)
                return term
        except BaseException:  # Also an interrupt that was put off until it was ours.
            campaign.abandon()
            raise

    async def _answer(self, asked: Callable[[], Any]) -> object:
        with allowed():
            return asked()
