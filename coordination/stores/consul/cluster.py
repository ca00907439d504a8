"""The agents of one datacenter: asked one at a time, the next one when that one fails.

Only what was certainly not applied, or does no harm twice, is asked again, and only within the
caller's bound. No agent is given up for good: the order merely turns.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from coordination.clock import SystemClock
from coordination.errors import ConfigurationError, CoordinationError, StoreUnavailable
from coordination.forking import NO_FORK
from coordination.process import Home
from coordination.stores.consul.account import Welcome
from coordination.stores.consul.agent import TOKEN, Agent
from coordination.stores.consul.failures import Failure, answered, unanswered
from coordination.stores.consul.lines import Line
from coordination.stores.consul.message import Answer, Effect, Failed, Request
from coordination.stores.consul.settings import Settings

if TYPE_CHECKING:
    import ssl

SUSPICIOUS = 0.25
"""Seconds without an answer after which an agent, and not the caller's haste, is to blame."""

T = TypeVar("T")
Reading = Callable[[Answer], T]
"""Makes sense of an answer with status 200, or of one that the request expects; `Failed` if there is none."""


class Cluster:
    """Safe for threads; belongs to one process. Nothing is contacted before the first request."""

    def __init__(self, settings: Settings) -> None:
        headers = {"User-Agent": "coordination", "Accept-Encoding": "identity"}
        if settings.token is not None:
            headers[TOKEN] = settings.token
        trust = _trust(settings) if settings.secure else None
        self.agents = [Agent(address, trust, headers) for address in settings.agents]
        self.welcome = Welcome()
        self._scope = "&".join(_scope(settings))
        self._home = Home()
        self._clock = SystemClock()
        self._mutex = threading.RLock()
        self._lines: weakref.WeakSet[Line] = weakref.WeakSet()
        self._first = 0
        self._closed = False

    def ask(
        self, request: Request, reading: Reading[T], timeout: float, expected: tuple[int, ...] = (200,)
    ) -> T:
        """What `reading` makes of the answer, whose status is one of those `expected`; or an error."""
        request = self.scoped(request)
        until = self._clock.now() + timeout
        self.demand()
        self.welcome.demand(self._clock.now())
        doubt: Failure | None = None
        last: Failure | None = None
        for attempt in range(len(self.agents)):
            if last is not None and self._clock.now() >= until:
                break
            agent = self.demand()
            now = self._clock.now()
            share = self._share(request, now, until, attempt)
            try:
                return self.asked(agent, request, reading, share, expected)
            except Failure as failure:
                last = failure
            # Who leaves an agent no time learns nothing about it.
            if last.elsewhere and not (last.late and share - now < SUSPICIOUS):
                self.turn(agent)
            doubt = last if last.applied else doubt
            if not last.elsewhere or (last.applied and request.effect is Effect.ONCE):
                break
        raise _told(last, doubt)

    def asked(
        self, agent: Agent, request: Request, reading: Reading[T], until: float, expected: tuple[int, ...]
    ) -> T:
        """One agent's answer, made sense of, or `Failure`."""
        answer: Answer | None = None
        try:
            answer = agent.ask(request, until)
            if answer.status in expected:
                return reading(answer)
            failure = answered(agent.address, answer, request.effect)
            self.welcome.note(failure.error, self._clock.now())
        except Failed as failed:
            failure = unanswered(agent.address, failed, request.effect)
        # Raised out here and without the answer, or the error's traceback would keep megabytes alive.
        answer = None
        raise failure

    def line(self) -> Line:
        """A connection of its own for long polls."""
        line = Line(self)
        with self._mutex:
            self._lines.add(line)
        return line

    def demand(self) -> Agent:
        """The agent whose turn it is; refuse to work in a child of fork, or after the end."""
        if not self._home.here:
            raise ConfigurationError("this store belongs to another process: connect() again after a fork")
        if self._closed:
            raise StoreUnavailable("the store is closed")
        return self.agents[self._first]

    def turn(self, agent: Agent) -> None:
        """This one failed: the next one's turn, unless another thread has seen to that."""
        with self._mutex:
            turned = self.agents[self._first] is agent and len(self.agents) > 1
            if turned:
                self._first = (self._first + 1) % len(self.agents)
            lines = list(self._lines) if turned else []
        # A long poll on a silent agent would notice half a minute later, and tell of no loss until then.
        for line in lines:
            line.leave(agent)

    def close(self) -> None:
        """Close every connection. In a child of fork it does nothing."""
        if self._home.here:
            self._closed = True
            for agent in self.agents:
                agent.close()

    def scoped(self, request: Request) -> Request:
        """The request with the datacenter and the namespace it is for."""
        if not self._scope:
            return request
        return replace(request, query=f"{request.query}&{self._scope}".lstrip("&"))

    def _share(self, request: Request, now: float, until: float, attempt: int) -> float:
        """Leave time for the other agents, where asking again does no harm."""
        others = len(self.agents) - 1 - attempt
        if others <= 0 or request.effect is Effect.ONCE:
            return until
        return now + (until - now) / 2


def _trust(settings: Settings) -> ssl.SSLContext:
    with NO_FORK:
        from coordination.stores.consul.tls import context_of
    return context_of(settings)


def _scope(settings: Settings) -> list[str]:
    named = {"dc": settings.dc, "ns": settings.namespace}
    return [f"{name}={quote(value, safe='')}" for name, value in named.items() if value]


def _told(last: Failure | None, doubt: Failure | None) -> CoordinationError:
    """The error to raise after several tries, of which one may have been applied."""
    if last is None:
        return StoreUnavailable("no agent was asked")
    if doubt is None or doubt is last:
        return last.error
    # Refused at the second try, perhaps because the first one had been applied: the cause tells.
    error = doubt.error if isinstance(last.error, StoreUnavailable) else last.error
    error.__cause__ = None if error is doubt.error else doubt.error
    return error
