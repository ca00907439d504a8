"""Long polls: a connection of their own, which another thread can interrupt."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from coordination.clock import SystemClock
from coordination.errors import StoreUnavailable
from coordination.stores.consul.failures import answered, unanswered
from coordination.stores.consul.message import LARGE, Answer, Effect, Failed, Request

if TYPE_CHECKING:
    from coordination.stores.consul.agent import Agent
    from coordination.stores.consul.cluster import Cluster
    from coordination.stores.consul.connections import Connection

DIALING = 5.0
"""Seconds that a connection may take, of the time a poll may take."""


class Line:
    """One connection to one agent at a time, kept between polls. For one thread, but for `close`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._clock = SystemClock()
        self._mutex = threading.RLock()
        self._on: tuple[Agent, Connection] | None = None
        self._polling = False
        self._closed = False

    def get(self, path: str, query: str, timeout: float) -> Answer:
        """The answer, with status 200 or 404, or an error; after one the next agent is asked."""
        request = self._cluster.scoped(Request("GET", path, query, effect=Effect.NONE, limit=LARGE))
        agent = self._cluster.demand()
        self._cluster.welcome.demand(self._clock.now())
        try:
            answer = self._asked(agent, request, self._clock.now() + timeout)
        except Failed as failed:
            self._drop(agent)
            raise unanswered(agent.address, failed, Effect.NONE).error from None
        if answer.status in (200, 404):
            return answer
        failure = answered(agent.address, answer, Effect.NONE)
        self._cluster.welcome.note(failure.error, self._clock.now())
        if failure.elsewhere:
            self._drop(agent)
        raise failure.error

    def leave(self, agent: Agent) -> None:
        """If it polls that agent, have the poll fail, so that the next one is asked; from any thread."""
        with self._mutex:
            connection = (
                self._on[1] if self._polling and self._on is not None and self._on[0] is agent else None
            )
        if connection is not None:
            _interrupt(connection)

    def close(self) -> None:
        """End it, also while a poll is under way; from any thread, also twice."""
        with self._mutex:
            self._closed = True
            connection = None if self._on is None else self._on[1]
            if connection is not None and not self._polling:
                connection.close()
                return
        if connection is not None:
            _interrupt(connection)

    def _asked(self, agent: Agent, request: Request, until: float) -> Answer:
        connection = self._ready(agent, until)
        with self._mutex:
            if self._closed:
                connection.close()
                raise StoreUnavailable("the watch is closed")
            self._on, self._polling = (agent, connection), True
        try:
            if self._cluster.demand() is not agent:
                # Left while it was dialed, when nobody could interrupt this.
                raise Failed("it was left for another agent", sent=False)
            return agent.ask_on(connection, request, until)
        finally:
            with self._mutex:
                self._polling = False
            self._end(connection)

    def _end(self, connection: Connection) -> None:
        """Close what was interrupted."""
        if self._closed:
            connection.close()

    def _ready(self, agent: Agent, until: float) -> Connection:
        """The connection there is, if it is to that agent and alive; else a new one."""
        if self._on is not None:
            if self._on[0] is agent and _is_alive(self._on[1]):
                return self._on[1]
            self._on[1].close()
        return agent.connect(min(until, self._clock.now() + DIALING))

    def _drop(self, agent: Agent) -> None:
        if not self._closed:
            self._cluster.turn(agent)
        with self._mutex:
            on, self._on = self._on, None
        if on is not None:
            on[1].close()


def _is_alive(connection: Connection) -> bool:
    try:
        return connection.is_connected
    except ValueError:
        return False  # Another thread is just closing it.


def _interrupt(connection: Connection) -> None:
    """Whoever reads from it gets an end of file; its own thread closes it."""
    sock = connection.sock
    try:
        if sock is not None:
            sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # It is closed already.
