"""One agent, and the connections to it that are kept open between requests."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING

from coordination.clock import SystemClock
from coordination.forking import NO_FORK
from coordination.stores.consul.message import Answer, Effect, Failed, Request
from coordination.stores.consul.places import Places

if TYPE_CHECKING:
    import ssl

    from coordination.stores.consul.connections import Connection

_NOW = SystemClock().now

IDLE = 8
"""Connections kept open while nobody uses them."""

MOST = 32
"""Connections in use at once: Consul allows 200 to all processes of one machine, by default."""

TOKEN = "X-Consul-Token"  # noqa: S105 - the name of the header


def _connections() -> ModuleType:
    """The module that needs urllib3, loaded with the first connection."""
    with NO_FORK:
        from coordination.stores.consul import connections

        return connections


class Agent:
    """Safe for threads: each request has a connection of its own."""

    def __init__(self, address: str, trust: ssl.SSLContext | None, headers: dict[str, str]) -> None:
        self.address = address
        self._trust = trust
        self._headers = headers
        self._mutex = threading.RLock()
        self._places = Places(MOST)
        self._idle: list[Connection] = []
        self._closed = False

    def ask(self, request: Request, until: float) -> Answer:
        """The agent's answer, whatever it says; `Failed` if there is none."""
        place = self._places.take(max(0.0, until - _NOW()))
        if place is None:
            raise Failed(f"all {MOST} connections to it were in use", sent=False, late=True)
        try:
            return self._asked(request, until)
        finally:
            self._places.give(place)

    def connect(self, until: float) -> Connection:
        """A fresh connection, for whoever wants one of his own."""
        connections = _connections()
        host, _, port = self.address.rpartition(":")
        made: Connection = connections.connection(host, int(port), self._trust)
        connections.open_connection(made, until)
        return made

    def ask_on(self, connection: Connection, request: Request, until: float) -> Answer:
        """The same as `ask` on such a connection, which stays open unless this fails."""
        token = self._headers.get(TOKEN, "")
        try:
            answer: Answer = _connections().exchange(connection, request, self._headers, until)
        except Failed as failed:
            failed.reason = failed.reason.replace(token, "***") if token else failed.reason
            raise
        if answer.status == 200 or not token:
            return answer
        # Refusals end up in messages and logs, and some proxies tell what they were sent.
        return replace(answer, body=answer.body.replace(token.encode(), b"***"))

    def close(self) -> None:
        """Close what is idle now, and the rest when it is done."""
        with self._mutex:
            self._closed, idle, self._idle = True, self._idle, []
        for connection in idle:
            connection.close()

    def _asked(self, request: Request, until: float) -> Answer:
        kept = self._kept()
        if kept is not None:
            try:
                return self._answer(kept, request, until)
            except Failed as failed:
                if not failed.ended or (failed.sent and request.effect is Effect.ONCE):
                    raise
        return self._answer(self.connect(until), request, until)

    def _answer(self, connection: Connection, request: Request, until: float) -> Answer:
        answer = self.ask_on(connection, request, until)
        self._keep(connection)
        return answer

    def _kept(self) -> Connection | None:
        """The one used last that the agent has not closed meanwhile."""
        while True:
            with self._mutex:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.is_connected:
                return connection
            connection.close()

    def _keep(self, connection: Connection) -> None:
        if connection.is_closed:
            return
        with self._mutex:
            if not self._closed and len(self._idle) < IDLE:
                self._idle.append(connection)
                return
        connection.close()
