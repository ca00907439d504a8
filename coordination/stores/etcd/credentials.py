"""The token that etcd gives for a user's password: fetched when needed, and again when refused."""

from __future__ import annotations

import threading

from coordination.clock import Clock
from coordination.errors import AuthFailed
from coordination.hidden import Hidden
from coordination.stores.etcd.failures import Failure, Kind
from coordination.stores.etcd.link import CallFailed, Link, Metadata
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import AUTHENTICATE

QUIET = 2.5
"""Seconds in which a refused password is not tried again: etcd pays for each try with a slow hash."""

HAS_LEADER: Metadata = (("hasleader", "true"),)
"""Asks a member that has lost its quorum to say so at once, instead of waiting."""


class Credentials:
    """What to send along with each call. Safe for threads."""

    def __init__(
        self, clock: Clock, user: str | None, password: str | None, token: str | None = None
    ) -> None:
        self._clock = clock
        self._user = user
        self._password = None if password is None else Hidden(password)
        self._mutex = threading.Lock()
        self._refused: tuple[float, Failure] | None = None
        self._remedy = "the cluster demands a user: give user and password"
        self.metadata: Metadata = HAS_LEADER
        if token is not None:
            self._remedy = (
                "a client keeps no password to get another token with: give connect() user and password"
            )
            self._use(token)

    @property
    def missing(self) -> bool:
        """Whether a password waits to be exchanged for a token."""
        return self._password is not None and self.metadata is HAS_LEADER

    def refresh(self, link: Link, used: Metadata, timeout: float, why: str) -> None:
        """Get a new token, unless somebody has since `used`; raises `CallFailed`."""
        if self._password is None:
            text = f"{why}; {self._remedy}"
            raise CallFailed(Failure(Kind.REFUSED, text, AuthFailed(text)))
        if not self._mutex.acquire(timeout=timeout):
            raise CallFailed(Failure(Kind.UNSENT, f"etcd at {link.endpoint}: still asking for a token"))
        try:
            if self.metadata is not used:
                return
            if self._refused is not None and self._clock.now() < self._refused[0]:
                raise CallFailed(self._refused[1])
            self._exchange(link, timeout)
        finally:
            self._mutex.release()

    def _exchange(self, link: Link, timeout: float) -> None:
        request = message("AuthenticateRequest")(name=self._user, password=self._password)
        try:
            answer = link.call(AUTHENTICATE, request, timeout, HAS_LEADER)
        except CallFailed as failed:
            if "authentication is not enabled" in failed.failure.message:
                return  # Then nobody asks for a token; should it be enabled later, we are told.
            if failed.failure.kind is Kind.REFUSED:
                self._refused = (self._clock.now() + QUIET, failed.failure)
            raise
        self._use(answer.token)

    def _use(self, token: str) -> None:
        self.metadata = (*HAS_LEADER, ("token", Hidden(token)))

    def __repr__(self) -> str:
        return f"<Credentials of {self._user!r}>"
