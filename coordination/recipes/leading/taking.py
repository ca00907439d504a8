"""The steps that win a leadership's record: a free one, or another's by the index it was seen at.

Each is one step for `Runtime.call`, bounded, and leaves nothing behind unless it won.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from coordination.ending import Ending
from coordination.errors import CoordinationError, OutcomeUnknown, SessionLost, StoreUnavailable
from coordination.grant import Grant
from coordination.outcomes import CLEANING, Outcomes
from coordination.recipes.leading.tenure import Tenure
from coordination.record import Record, Session
from coordination.timing import Deadline
from coordination.value import LeaseValue, decode, new_secret

if TYPE_CHECKING:
    from coordination.keeper import Keeper
    from coordination.recipes.leading.candidate import Candidate

READING_BACK = 1.0
"""Seconds that finding out what became of a steal may cost."""


class Taking:
    """Of one candidate."""

    def __init__(self, keeper: Keeper, candidate: Candidate) -> None:
        self._keeper = keeper
        self._candidate = candidate
        self._outcomes = Outcomes(keeper.store, keeper.clock, keeper.later)

    def acquire(self, timeout: float) -> Tenure | None:
        """Take it if it is free; None if it is not."""
        candidate, secret = self._candidate, new_secret()
        value = candidate.value(candidate.ttl, {}, self._keeper.clock, secret)
        grant = self._keeper.registry.acquire(candidate.key, value, None, timeout)
        return None if grant is None else self._won(Tenure(self._keeper, candidate, grant, secret))

    def steal(
        self, seen: Record, period: float, metadata: dict[str, str], wait: float, timeout: float
    ) -> Tenure | None:
        """Take it from whoever has it at exactly this index, for `period` seconds; None if it has moved.

        For `wait` seconds from the answer on the victim may act, so until then the record is there,
        whatever becomes of us. Where nobody can say whether it is ours, `OutcomeUnknown`, and the record,
        if it is, stays for as long as that.
        """
        keeper, candidate, secret = self._keeper, self._candidate, new_secret()
        bound = Deadline(keeper.clock, timeout)
        value = candidate.value(period, metadata, keeper.clock, secret)
        asked_at = keeper.clock.now()
        session = keeper.store.open_session(period, timeout=timeout)
        try:
            record = self._replaced(seen, value, session, bound.left(timeout))
        except OutcomeUnknown:
            keeper.janitor.at(keeper.clock.now() + wait, Ending(keeper, session).run)
            raise
        except SessionLost as lost:
            raise StoreUnavailable(f"the store took longer than {session.ttl:g} s; not applied") from lost
        except BaseException:
            keeper.later(session)
            raise
        if record is None:
            keeper.later(session)
            return None
        grant = Grant(candidate.key, record.index, record.index, value, session, period)
        grant.begin(asked_at)
        acts_at = keeper.clock.now() + wait if wait else None
        return self._won(Tenure(keeper, candidate, grant, secret, acts_at))

    def _replaced(self, seen: Record, value: LeaseValue, session: Session, timeout: float) -> Record | None:
        write = partial(self._keeper.store.replace, seen.key, value.encode(), session, seen.index)
        try:
            return write(timeout=timeout)
        except OutcomeUnknown as unknown:
            record = self._outcomes.read_back(seen.key, READING_BACK, unknown)
            if record is not None and decode(record.value).nonce == value.nonce:
                return record
            if record is None or record.index != seen.index:
                return None  # It cannot land any more.
            raise

    def _won(self, tenure: Tenure) -> Tenure:
        """It is ours, unless the manager was closed meanwhile: then nobody would ever release it."""
        keeper = self._keeper
        if keeper.closing and tenure.acts_at is None:
            with contextlib.suppress(CoordinationError):
                keeper.registry.release(tenure.grant, CLEANING)
        keeper.demand()
        return tenure
