"""What became of it: reading back after a lost answer, and telling the reasons of a loss apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from coordination.clock import Clock
from coordination.errors import (
    ConfigurationError,
    LeaseCorrupt,
    LeaseLost,
    OutcomeUnknown,
    StoreError,
    StoreReplaced,
    StoreUnavailable,
)
from coordination.forking import NO_FORK
from coordination.grant import Grant
from coordination.record import Record, Session
from coordination.store import Store
from coordination.timing import Deadline
from coordination.titles import title_of
from coordination.value import decode

CLEANING = 1.0
"""Seconds that undoing something may cost the caller; the rest goes on in the background."""


TELLING = 0.4
"""Seconds that finding out the reason of a loss may cost the caller, over its own bound."""


class Outcomes:
    """Questions about one store. `later` takes the sessions that could not be closed at once."""

    def __init__(self, store: Store, clock: Clock, later: Callable[[Session], None]) -> None:
        self.store = store
        self.clock = clock
        self._later = later

    def opened(self, ttl: float, period: float, timeout: float) -> Session:
        """A session of `ttl` seconds, which a deadline of the caller's own may have cut below `period`.

        A store that grants no such ttl is asked for the whole period: the grant's own cap is what counts.
        """
        bound = Deadline(self.clock, timeout)
        try:
            return self.store.open_session(ttl, timeout=timeout)
        except ConfigurationError:
            if ttl >= period:
                raise
        return self.store.open_session(period, timeout=bound.left(timeout))

    def read_back(self, key: str, timeout: float, unknown: OutcomeUnknown) -> Record | None:
        """Read after an unknown outcome, patiently; if that fails too, the outcome stays unknown."""
        with NO_FORK:
            import tenacity

        bound = Deadline(self.clock, timeout)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(StoreUnavailable),
            wait=tenacity.wait_random_exponential(multiplier=0.02, max=0.2),
            stop=lambda state: bound.passed or state.attempt_number >= 4,
            sleep=self.clock.sleep,
            reraise=True,
        )
        try:
            return retrying(lambda: self.store.read(key, timeout=bound.left(timeout)))
        except StoreReplaced:
            raise
        except (StoreError, LeaseCorrupt):
            raise unknown from None

    def current(self, grant: Grant, timeout: float) -> Record | None:
        """The record that is there now; a record that makes no sense any more is a loss."""
        try:
            return self.store.read(grant.key, timeout=timeout)
        except LeaseCorrupt:
            self.lost(grant, "broken")

    def abandon(self, session: Session, timeout: float = CLEANING) -> None:
        """End a session nobody needs, now if that is quick, else in the background."""
        if timeout <= 0:
            self._later(session)
            return
        try:
            self.store.close_session(session, timeout=timeout)
        except StoreError:
            self._later(session)

    def lost_to(self, grant: Grant, current: Record | None) -> NoReturn:
        """Raise `LeaseLost`, having seen `current` where our record should be."""
        if goes_on(grant, current):
            raise LeaseLost(_message(grant, "stolen"), reason="stolen")
        self.lost(grant, self.why(grant, current))

    def lost(self, grant: Grant, reason: str) -> NoReturn:
        """Raise `LeaseLost`; what is left of the session is ended in the background."""
        for session in grant.sessions:
            self._later(session)
        raise LeaseLost(_message(grant, reason), reason=reason)

    def why(self, grant: Grant, current: Record | None) -> str:
        """The reason, given that `current` is not ours; a record that is gone may have left its session."""
        if current is not None:
            return "stolen"
        return "deleted" if self._may_live(grant) else self.died(grant)

    def _may_live(self, grant: Grant) -> bool:
        if self.clock.now() >= grant.deadline:
            return False
        try:
            return self.store.renew_session(grant.session, timeout=TELLING) is not None
        except StoreError:
            return True

    def died(self, grant: Grant) -> str:
        """The reason, given that its session is dead."""
        return "expired" if self.clock.now() >= grant.deadline else "revoked"


def is_ours(grant: Grant, record: Record | None) -> bool:
    """Whether the record carries a write of this very handle that we know of or may have made."""
    if record is None or not grant.hangs_on(record.session):
        return False
    return record.index == grant.index or decode(record.value).nonce in grant.pending


def goes_on(grant: Grant, current: Record | None) -> bool:
    """Whether another handle of the same acquisition, which knows the secret, goes on using it.

    It may not know itself on which session its record is, so none that we know of is ours to end.
    """
    if current is None:
        return False
    ours = grant.value.secret_sha256
    return decode(current.value).secret_sha256 == ours if ours else grant.hangs_on(current.session)


def replaced_under(grant: Grant, replaced: StoreReplaced) -> LeaseLost:
    """The loss of a lease whose store was replaced. Nothing is ended: whatever is there is another's."""
    return LeaseLost(f"{_message(grant, 'revoked')}: {replaced}", reason="revoked")


@contextmanager
def lost_if_replaced(grant: Grant) -> Iterator[None]:
    """Raise `LeaseLost` where the store says that it was replaced."""
    try:
        yield
    except StoreReplaced as replaced:
        raise replaced_under(grant, replaced) from replaced


def _message(grant: Grant, reason: str) -> str:
    return f"{title_of(grant.key)} was lost: {reason}"
