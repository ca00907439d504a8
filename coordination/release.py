"""Releasing: the record goes if it is still ours, and its session with it."""

from __future__ import annotations

from coordination.errors import OutcomeUnknown
from coordination.grant import Grant
from coordination.outcomes import CLEANING, Outcomes, is_ours, lost_if_replaced
from coordination.store import SoleRecords
from coordination.timing import Deadline


class Release:
    """Releases grants on one store."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self._store = outcomes.store
        self._clock = outcomes.clock

    def release(self, grant: Grant, timeout: float) -> None:
        """Remove the record if it is still ours, and end its session; `LeaseLost` if it was lost."""
        with lost_if_replaced(grant):
            self._release(grant, timeout)

    def _release(self, grant: Grant, timeout: float) -> None:
        bound = Deadline(self._clock, timeout)
        for _ in range(3):
            try:
                if self._ended(grant, bound.left(timeout)):
                    return
                gone = self._store.delete(grant.key, grant.index, timeout=bound.left(timeout))
            except OutcomeUnknown as unknown:
                left = bound.left(timeout)
                record = self._outcomes.read_back(grant.key, left, unknown)
                # Who came after our last write took nothing from us: it was free by then.
                gone = record is None or (record.created > grant.index and not is_ours(grant, record))
            if gone:
                for session in grant.sessions:
                    self._outcomes.abandon(session, bound.left(CLEANING))
                return
            current = self._outcomes.current(grant, bound.left(timeout))
            if current is None or not is_ours(grant, current):
                self._outcomes.lost_to(grant, current)
            grant.index = current.index
        raise OutcomeUnknown("the store did not confirm the release")

    def _ended(self, grant: Grant, timeout: float) -> bool:
        """Whether the record went together with its session, where the store can do that."""
        store = self._store
        if not isinstance(store, SoleRecords) or grant.strays or grant.pending:
            return False
        return store.end(grant.session, grant.key, grant.index, timeout=timeout)
