"""Getting a term to run a command under: campaigning, and proclaiming what others are to know."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass

from coordination.cli.supervise.apart import PAUSE, first_answer, wait_apart
from coordination.cli.supervise.locking import KeptHold
from coordination.cli.supervise.patience import Waiting
from coordination.errors import LeaseLost, OutcomeUnknown, StoreUnavailable
from coordination.leader import Leader
from coordination.manager import Manager
from coordination.term import Term


@dataclass(frozen=True, slots=True)
class Electing:
    """The leadership `name`; `ttl` in seconds. `value`: what to proclaim, None for nothing."""

    name: str
    version: int
    ttl: float
    value: str | None

    def obtain(self, manager: Manager, waiting: Waiting) -> KeptHold:
        """Wait until we lead, and everybody may know the value."""
        leader = manager.leader(self.name, version=self.version, ttl=self.ttl)
        term = wait_apart(lambda: self._elected(manager, leader, waiting), waiting)
        return KeptHold(term, self.ttl, waiting.now)

    def _elected(self, manager: Manager, leader: Leader, waiting: Waiting) -> Term:
        first_answer(manager, leader.current, waiting)
        while True:
            left = waiting.left()
            term = leader.campaign(None if math.isinf(left) else left)
            if self.value is None or self._proclaimed(manager, leader, waiting):
                return term
            with suppress(LeaseLost):
                term.release()  # Whoever took it over need not wait for a command that never ran.

    def _proclaimed(self, manager: Manager, leader: Leader, waiting: Waiting) -> bool:
        """False if the term ended before it could be told."""
        while True:
            try:
                leader.proclaim(self.value)
            except StoreUnavailable as error:
                waiting.report.note("store-unreachable", error=str(error))
                manager.clock.sleep(PAUSE)
            except OutcomeUnknown:
                return True  # The next renewal writes it in any case.
            except LeaseLost:
                return False
            else:
                return True
