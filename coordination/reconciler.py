"""A reconcile loop that runs on whoever leads, and nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from coordination.errors import ConfigurationError
from coordination.interrupts import allowed
from coordination.recipes.leading.reconciling import reconciling
from coordination.runtime import Signal, run
from coordination.timing import Seconds, positive

if TYPE_CHECKING:
    from coordination.leader import Leader
    from coordination.term import Term

INTERVAL = 2.0
"""Seconds between two times, by default: what fleet's engine does."""


class Periodic:
    """What the reconcilers of both faces share."""

    def __init__(self, reconcile: Callable[[Any], Any], interval: Seconds) -> None:
        if not callable(reconcile):
            raise ConfigurationError(f"a reconciler takes a callable, not {reconcile!r}")
        self._reconcile = reconcile
        self._interval = positive(interval, "interval")
        self._happened: Signal | None = None

    def trigger(self) -> None:
        """Something happened: reconcile soon. On any thread; nothing while somebody else leads.

        What happens while it reconciles is reconciled once more, however often it happened.
        """
        happened = self._happened
        if happened is not None:
            happened.set()


class Reconciler(Periodic):
    """Calls `reconcile(term)` while `leader` leads: at once, after each `trigger`, and now and then.

    `interval`: seconds after the last time until the next, if nothing triggers it before.
    """

    def __init__(
        self, leader: Leader, reconcile: Callable[[Term], object], *, interval: Seconds = INTERVAL
    ) -> None:
        super().__init__(reconcile, interval)
        self._leader = leader

    def run(self, stop: threading.Event | None = None) -> None:
        """Campaign and reconcile, again and again, until `stop` is set (None: for ever).

        `reconcile` has to end soon after `term.stop` is set; it is waited for. What it raises is raised
        as `CallbackError`. When the term is lost it campaigns again.
        """
        while stop is None or not stop.is_set():
            self._leader.run(self._work, stop=stop)

    def _work(self, term: Term) -> None:
        runtime = self._leader.runtime
        happened = self._happened = runtime.signal()
        term.on_stop(happened.set)

        async def act() -> None:
            with allowed():
                self._reconcile(term)

        try:
            run(reconciling(runtime, happened, term.stop.is_set, act, self._interval))
        finally:
            self._happened = None
