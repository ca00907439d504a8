"""Lease semantics over a store: acquire, steal, resume, release, commit as single bounded steps.

Together with `renewal.py`, `release.py` and `outcomes.py` the only place that resolves unknown outcomes.
It keeps no state: what a holder knows is in its `Grant`, whose lease takes one step at a time.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence

from coordination.batch import Batch
from coordination.clock import Clock
from coordination.errors import (
    ConfigurationError,
    LeaseCorrupt,
    LeaseLost,
    OutcomeUnknown,
    SessionLost,
    StoreUnavailable,
)
from coordination.grant import Grant
from coordination.outcomes import CLEANING, Outcomes, goes_on
from coordination.record import Guard, Record, Session
from coordination.release import Release
from coordination.renewal import Renewal
from coordination.store import BatchedRenewals, GuardedWrites, Store
from coordination.timing import Deadline
from coordination.titles import title_of
from coordination.value import LeaseValue, decode, digest

RESUMING = 20
"""Tries at resuming a lease whose older handle renews it at the same time."""

Write = Callable[[Session, float], Record | None]
Beaten = Callable[[Record], bool]  # whether the record that is there shows that a write was not applied


class Registry:
    """Steps on one store. Safe for threads; one grant is never in two steps at a time."""

    def __init__(self, store: Store, clock: Clock, later: Callable[[Session], None]) -> None:
        self.store = store
        self.clock = clock
        self._outcomes = Outcomes(store, clock, later)
        renewal = Renewal(self._outcomes)
        self.renew = renewal.renew
        self.release = Release(self._outcomes).release
        self.batch = Batch(renewal, store, clock) if isinstance(store, BatchedRenewals) else None

    def acquire(self, key: str, value: LeaseValue, ends_at: float | None, timeout: float) -> Grant | None:
        """Take a free name; None if it is held."""
        raw = value.encode()

        def create(session: Session, left: float) -> Record | None:
            return self.store.create(key, raw, session, timeout=left)

        ttl = value.period if ends_at is None else min(value.period, ends_at - self.clock.now())
        grant = self._take(key, value, ttl, create, lambda _there: True, timeout)
        if grant is not None and ends_at is not None:
            grant.period, grant.ends_at = value.period, ends_at
            grant.shorten(self.clock.now(), ends_at - self.clock.now())
        return grant

    def steal(self, key: str, value: LeaseValue, index: int, timeout: float) -> Grant | None:
        """Take a held name from whoever holds it at exactly `index`; None if it moved or is gone."""
        raw = value.encode()

        def replace(session: Session, left: float) -> Record | None:
            return self.store.replace(key, raw, session, index, timeout=left)

        return self._take(key, value, value.period, replace, lambda there: there.index != index, timeout)

    def _take(
        self, key: str, value: LeaseValue, ttl: float, write: Write, beaten: Beaten, timeout: float
    ) -> Grant | None:
        """Open a session, write the record on it, and leave nothing behind unless that worked."""
        bound = Deadline(self.clock, timeout)
        asked_at = self.clock.now()
        session = self._outcomes.opened(ttl, value.period, timeout)
        try:
            record = self._written(key, value, lambda: write(session, bound.left(timeout)), beaten, bound)
        except SessionLost as lost:
            # A session of our own that nobody could have ended: the store was slower than so short a ttl.
            self._outcomes.abandon(session, bound.left(CLEANING))
            raise StoreUnavailable(f"the store took longer than the {ttl:g} s asked for") from lost
        except BaseException:
            self._outcomes.abandon(session, bound.left(CLEANING))
            raise
        if record is None:
            self._outcomes.abandon(session, bound.left(CLEANING))
            return None
        grant = Grant(key, record.index, record.index, value, session, ttl)
        grant.begin(asked_at)
        return grant

    def _written(
        self,
        key: str,
        value: LeaseValue,
        write: Callable[[], Record | None],
        beaten: Beaten,
        bound: Deadline,
    ) -> Record | None:
        """Write; when the answer is lost, look whether it was applied, by its nonce."""
        try:
            return write()
        except OutcomeUnknown as unknown:
            record = self._outcomes.read_back(key, bound.left(1.0), unknown)
            if record is not None and decode(record.value).nonce == value.nonce:
                return record
            if record is not None and beaten(record):
                return None  # It cannot land later either: its session is about to be ended.
            raise

    def look(self, grant: Grant, timeout: float) -> str | None:
        """Why the lease is lost, as the store sees it now; None while it is ours."""
        try:
            record = self.store.read(grant.key, timeout=timeout)
        except LeaseCorrupt:
            return "broken"
        # The session alone is no proof: some stores leave a record on it that a stranger has written over.
        if record is not None and grant.hangs_on(record.session) and goes_on(grant, record):
            return None
        return self._outcomes.why(grant, record)

    def resume(self, key: str, secret: str, timeout: float) -> Grant:
        """Take over a lease that another process of ours acquired, proven by its secret.

        It is a renewal, so the index moves: of the two handles the older one loses at its next step.
        """
        bound = Deadline(self.clock, timeout)
        for _ in range(RESUMING):
            grant = self._found(key, secret, bound.left(timeout))
            try:
                self.renew(grant, None, bound.left(timeout))
            except LeaseLost:
                # Perhaps only the older handle renewed, or moved it to another session: the secret tells.
                continue
            return grant
        raise StoreUnavailable(f"{title_of(key)} is being renewed all the time; not applied")

    def _found(self, key: str, secret: str, timeout: float) -> Grant:
        """What a holder of the secret would know."""
        asked_at = self.clock.now()
        record, value = self._proven(key, secret, timeout)
        session = Session(str(record.session), record.ttl or value.period)
        token = value.token or record.index
        grant = Grant(key, token, record.index, value, session, value.period or session.ttl)
        if value.not_after:
            grant.ends_at = asked_at + value.not_after - self.clock.wall()
        grant.begin(asked_at)
        return grant

    def _proven(self, key: str, secret: str, timeout: float) -> tuple[Record, LeaseValue]:
        record = self.store.read(key, timeout=timeout)
        if record is None or record.session is None:
            raise LeaseLost(f"{title_of(key)} is not held by anybody", reason="expired")
        value = decode(record.value)
        if not hmac.compare_digest(value.secret_sha256.encode(), digest(secret).encode()):
            message = f"{title_of(key)} is held under another secret"
            raise LeaseLost(message, reason="stolen")
        return record, value

    def commit(self, grant: Grant, puts: Mapping[str, bytes], deletes: Sequence[str], timeout: float) -> int:
        """A fenced write; `LeaseLost` if the lease is not ours at that moment."""
        store = self.store
        if not isinstance(store, GuardedWrites):
            name = type(store).__name__
            raise ConfigurationError(f"{name} has no guarded writes; fence the resource by the token")
        bound = Deadline(self.clock, timeout)
        for _ in range(3):
            sessions = grant.sessions
            for session in sessions:
                guard = Guard(grant.key, session.id)
                index = store.commit(guard, puts, deletes, timeout=bound.left(timeout))
                if index is not None:
                    return index
            if grant.sessions == sessions:  # else a renewal has just moved the record to a new session
                break
        current = self._outcomes.current(grant, bound.left(timeout))
        if current is not None and grant.hangs_on(current.session):
            raise StoreUnavailable("a renewal was moving the record; not applied, try again")
        self._outcomes.lost_to(grant, current)
