"""Sessions are etcd leases: opened by a grant, renewed on the one stream, ended by a revocation."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from typing import Any

from coordination.errors import OutcomeUnknown, SessionLost, StoreError, StoreRefused
from coordination.record import Session
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.keepalives import Keepalives
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import GRANT, REVOKE, TIME_TO_LIVE
from coordination.stores.etcd.requests import lease_of, session_id
from coordination.timing import LONGEST

Renewed = Session | None | StoreError


class Sessions:
    """The part of the store that keeps sessions."""

    def __init__(self, connection: Connection, keepalives: Keepalives) -> None:
        self._connection = connection
        self._keepalives = keepalives

    def open(self, ttl: float, timeout: float) -> Session:
        """Grant a lease of at least `ttl`, in whole seconds; etcd may make it longer.

        We choose its id, so a grant that is asked for twice makes one lease.
        """
        lease = secrets.randbits(62) + 1
        request = message("LeaseGrantRequest")(TTL=math.ceil(ttl), ID=lease)
        try:
            granted = self._connection.call(GRANT, request, timeout).TTL
        except StoreRefused as refusal:
            if "lease already exists" not in str(refusal):
                raise
            granted = self.time_left(lease, timeout)[0]  # An earlier try of the same call did it.
        if not 0 < granted <= LONGEST:
            raise StoreRefused(f"etcd granted a ttl of {granted} s where {math.ceil(ttl)} s were asked for")
        return Session(session_id(lease), float(granted))

    def renew(self, sessions: Sequence[Session], timeout: float) -> list[Renewed]:
        """Keep each alive; a ttl beyond the one granted is not believed."""
        leases = [lease_of(session) for session in sessions]
        known = [lease for lease in leases if lease]
        answers = dict(zip(known, self._keepalives.renew(known, timeout), strict=True))
        return [
            _renewed(session, answers.get(lease, 0)) for session, lease in zip(sessions, leases, strict=True)
        ]

    def close(self, session: Session, timeout: float) -> bool:
        """Revoke it, which removes what hangs on it; False if it was dead before.

        True as well if it may have been an earlier try of the same call that ended it.
        """
        lease = lease_of(session)
        if not lease:
            return False
        try:
            self._connection.call(REVOKE, message("LeaseRevokeRequest")(ID=lease), timeout)
        except SessionLost as lost:
            return isinstance(lost.__cause__, OutcomeUnknown)
        return True

    def time_left(self, lease: int, timeout: float) -> tuple[float, float]:
        """The ttl granted and what is left of it, rounded up; nothing left if it is dead."""
        answer: Any = self._connection.call(
            TIME_TO_LIVE, message("LeaseTimeToLiveRequest")(ID=lease), timeout
        )
        if answer.TTL < 0:
            return 0.0, 0.0
        return float(answer.grantedTTL), float(min(answer.TTL + 1, answer.grantedTTL))


def _renewed(session: Session, answer: int | StoreError) -> Renewed:
    if isinstance(answer, StoreError):
        return answer
    return Session(session.id, min(float(answer), session.ttl)) if answer > 0 else None
