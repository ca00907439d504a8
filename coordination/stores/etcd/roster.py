"""The members of the cluster, taken in turn: the next link goes to one that answers and has a leader."""

from __future__ import annotations

import random

from coordination.clock import Clock
from coordination.errors import CoordinationError, StoreReplaced, StoreUnavailable
from coordination.stores.etcd.credentials import Credentials
from coordination.stores.etcd.dialing import Dialer
from coordination.stores.etcd.failures import Failure, Kind
from coordination.stores.etcd.history import History
from coordination.stores.etcd.link import CallFailed, Link
from coordination.stores.etcd.methods import Effect
from coordination.timing import Deadline

ELECTION = 0.1
"""Seconds between two rounds of questions while no member knows a leader."""

GREETING = 0.5
"""Seconds that one of several members is given to answer, at first."""

LONGEST = 60.0
"""Seconds that one round may take where the caller sets no bound."""


class Roster:
    """Opens links. No member is ever given up for good, and none is asked twice in one round."""

    def __init__(self, clock: Clock, dialer: Dialer, credentials: Credentials, history: History) -> None:
        self._clock = clock
        self._dialer = dialer
        self._credentials = credentials
        self._history = history
        self.endpoints = dialer.endpoints
        self._next = random.randrange(len(self.endpoints))  # noqa: S311 - clients spread over the members

    def link(self, bound: Deadline) -> Link:
        """A link to a usable member; waits for an election under way. `StoreUnavailable` if there is none.

        A silent member keeps us waiting for a moment only, so that whoever has to renew a lease finds
        another in time; should all be slow, they get longer in the next round.
        """
        patience = GREETING if len(self.endpoints) > 1 else LONGEST
        while True:
            failures = []
            for unasked in range(len(self.endpoints), 0, -1):
                endpoint = self.endpoints[self._next % len(self.endpoints)]
                self._next += 1
                try:
                    return self._greeted(endpoint, min(patience, bound.left(LONGEST) / unasked))
                except CallFailed as failed:
                    failures.append(failed.failure)
                if failures[-1].kind is Kind.REFUSED:
                    raise failures[-1].raised(Effect.NONE)
            leaderless = any(failure.kind is Kind.NO_LEADER for failure in failures)
            if leaderless:
                self._clock.sleep(bound.left(ELECTION))
            if bound.passed or not (leaderless or any(failure.silent for failure in failures)):
                raise _told(failures)
            patience *= 2

    def _greeted(self, endpoint: str, timeout: float) -> Link:
        bound = Deadline(self._clock, timeout)
        link = Link(self._dialer, endpoint)
        try:
            link.hello(bound.left(timeout), self._credentials.metadata)
            if not self._history.met(link.cluster):
                text = f"etcd at {endpoint} belongs to another cluster than before, or was restored"
                raise CallFailed(Failure(Kind.UNSENT, text, StoreReplaced(text)))
            if self._credentials.missing:
                used = self._credentials.metadata
                self._credentials.refresh(link, used, bound.left(timeout), "the user has no token yet")
        except BaseException:
            link.close()
            raise
        return link


def _told(failures: list[Failure]) -> CoordinationError:
    """Refused for good only if every member refused."""
    error = failures[-1].raised(Effect.NONE)
    return error if all(failure.error for failure in failures) else StoreUnavailable(failures[-1].message)
