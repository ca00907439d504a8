"""Agents that do what a test tells them to: a cluster without a network, on a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.message import Answer, Effect, Failed, Request
from coordination.stores.consul.settings import Settings
from coordination.testing import FakeClock

SESSION = "7fffffff-0000-4000-8000-00000000000a"
OTHER = "7fffffff-0000-4000-8000-00000000000b"

Say = Answer | Failed
Script = Callable[[Request], Say]

REFUSED = Failed("no connection: refused", sent=False)
SILENT = Failed("no answer in time", sent=True)
UNTRUSTED = Failed("its certificate is not trusted", sent=False, hopeless=True)


def said(document: Any = None, status: int = 200, index: int = 0) -> Answer:
    """An answer with this JSON; text stays as it is."""
    body = document if isinstance(document, str) else json.dumps(document)
    return Answer(status, index, body.encode())


def entry(key: str, index: int, **fields: Any) -> dict[str, Any]:
    """One result of a transaction."""
    return {"KV": {"Key": key, "CreateIndex": index, "ModifyIndex": index, "Value": None, **fields}}


def done(*entries: dict[str, Any]) -> Answer:
    """A transaction that was applied."""
    return said({"Results": list(entries), "Errors": None})


def failed(*complaints: tuple[int, str]) -> Answer:
    """A transaction that was not."""
    errors = [{"OpIndex": place, "What": what} for place, what in complaints]
    return said({"Results": None, "Errors": errors}, 409)


class ScriptedAgent:
    """Answers with the next of `script`, in the end with the last again; each takes `takes` seconds."""

    def __init__(self, *script: Say | Script, takes: float = 0.0) -> None:
        self.address = "nobody:8500"
        self.script = list(script)
        self.takes = takes
        self.clock: FakeClock | None = None
        self.asked: list[Request] = []
        self.given: list[float] = []
        """Seconds that each request was given."""
        self.closed = False

    def ask(self, request: Request, until: float) -> Answer:
        """As `Agent` does."""
        assert self.clock is not None
        left = until - self.clock.now()
        self.asked.append(request)
        self.given.append(left)
        self.clock.advance(min(self.takes, max(0.0, left)))
        if self.takes > left:
            raise SILENT
        saying = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        told = saying(request) if callable(saying) else saying
        if isinstance(told, Failed):
            raise told
        return told

    def close(self) -> None:
        """Remember it."""
        self.closed = True

    @property
    def bodies(self) -> list[Any]:
        """What the requests brought along, as JSON."""
        return [json.loads(request.body or b"null") for request in self.asked]


def cluster(*agents: ScriptedAgent, **settings: Any) -> Cluster:
    """A cluster of these, named a, b, c …, whose clock only moves when they take their time."""
    addresses = tuple(f"{chr(ord('a') + number)}:8500" for number in range(len(agents)))
    made = Cluster(Settings(addresses, **settings))
    made._clock = clock = FakeClock()  # type: ignore[assignment]
    for agent, address in zip(agents, addresses, strict=True):
        agent.address, agent.clock = address, clock
    made.agents = list(agents)  # type: ignore[arg-type]
    return made


FINE = said("fine")


def request(effect: Effect) -> Request:
    """Any request with this effect."""
    return Request("PUT", "/v1/txn", effect=effect)


def ask(on: Cluster, effect: Effect = Effect.NONE, timeout: float = 8.0) -> str:
    """What comes of it."""
    return on.ask(request(effect), lambda answer: answer.body.decode(), timeout)
