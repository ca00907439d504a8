"""Calls to a cluster: on one link at a time, on another member's when that one fails.

Only what was certainly not applied, or does no harm twice, is asked again, within the caller's bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coordination.clock import Clock
from coordination.errors import StoreUnavailable
from coordination.interrupts import deferred
from coordination.stores.etcd.credentials import Credentials
from coordination.stores.etcd.failures import Failure, Kind
from coordination.stores.etcd.history import History
from coordination.stores.etcd.link import CallFailed, Link, Metadata
from coordination.stores.etcd.methods import Effect, Method
from coordination.stores.etcd.pool import Pool
from coordination.stores.etcd.roster import Roster
from coordination.timing import Deadline

SUSPICIOUS = 0.25
"""Seconds without an answer after which a member, and not the caller's haste, is to blame."""


class Connection:
    """Safe for threads; belongs to one process."""

    def __init__(self, clock: Clock, roster: Roster, credentials: Credentials, history: History) -> None:
        self._clock = clock
        self._members = len(roster.endpoints)
        self._credentials = credentials
        self._history = history
        self.pool = Pool(clock, roster.link)

    def call(self, method: Method, request: Any, timeout: float) -> Any:
        """One request and its answer, or an error of the library's own tree. Ctrl-C waits for that."""
        with deferred():
            return self._called(method, request, timeout)

    def _called(self, method: Method, request: Any, timeout: float) -> Any:
        bound = Deadline(self._clock, timeout)
        doubt: Failure | None = None
        refreshed = False
        for _ in range(max(2, self._members) + 1):
            link = self._entered(bound, method, doubt)
            used = self._credentials.metadata
            answer = self._asked(link, method, request, self._share(method, bound.left(timeout)), used)
            if not isinstance(answer, Failure):
                return answer
            last = answer
            if last.kind is Kind.UNKNOWN:
                doubt = last
            if last.kind is Kind.TOKEN and not refreshed:
                refreshed = True
                self.refresh(link, used, bound.left(timeout), last.message)
                continue
            if last.kind in (Kind.REFUSED, Kind.TOKEN) or bound.passed:
                break
            if last.kind is Kind.UNKNOWN and method.effect is Effect.ONCE:
                break
        if doubt is None or doubt is last:
            raise last.raised(method.effect)
        # Refused at the second try, perhaps because the first one had been applied: the cause tells.
        raise (last.error or doubt.raised(method.effect)) from doubt.raised(method.effect)

    def stream(self, method: Method, requests: Iterator[bytes], timeout: float) -> tuple[Any, Link, Metadata]:
        """A stream, the link it is on (to be retired when it falls silent), and what it was opened with."""
        bound = Deadline(self._clock, timeout)
        while True:
            link = self.pool.enter(bound)
            used = self._credentials.metadata
            try:
                return link.stream(method, requests, used), link, used
            except CallFailed:  # Closed between the two lines above: the next one is open.
                self.pool.retire(link)
            finally:
                self.pool.leave(link)

    def refresh(self, link: Link, used: Metadata, timeout: float, why: str) -> None:
        """Get a token other than the one `used`, which was refused."""
        try:
            self._credentials.refresh(link, used, timeout, why)
        except CallFailed as failed:
            raise failed.failure.raised(Effect.NONE) from None

    def _entered(self, bound: Deadline, method: Method, doubt: Failure | None) -> Link:
        self._history.demand()
        try:
            return self.pool.enter(bound)
        except StoreUnavailable as error:
            raise error if doubt is None else doubt.raised(method.effect) from None

    def _asked(
        self, link: Link, method: Method, request: Any, timeout: float, metadata: Metadata
    ) -> Any | Failure:
        floor = self._history.highest
        try:
            answer = link.call(method, request, timeout, metadata)
            if method.ordered:
                self._history.check(answer.header, floor)
        except CallFailed as failed:
            failure = failed.failure
        else:
            return answer
        finally:
            self.pool.leave(link)
        # Who leaves a member no time learns nothing about it.
        hasty = timeout <= 0 or (failure.kind is Kind.UNKNOWN and timeout < SUSPICIOUS)
        if failure.kind not in (Kind.REFUSED, Kind.TOKEN) and not hasty:
            self.pool.retire(link)
        return failure

    def _share(self, method: Method, left: float) -> float:
        """Leave time for another member, where asking again does no harm."""
        return left / 2 if self._members > 1 and method.effect is not Effect.ONCE else left
