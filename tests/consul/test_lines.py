"""Long polls that end before their time: because their agent is left, or because nobody listens any more."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from coordination.errors import CoordinationError, StoreUnavailable
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.lines import Line
from coordination.stores.consul.message import Answer, Request
from coordination.stores.consul.settings import Settings
from integration.servers.hostile import Hostile, refusing
from tests.consul.polled import eventually
from tests.consul.talking import FINE, Script, Tls, answering, heard

POLL = 30.0
SOON = 10.0
"""Seconds: how long a poll may take, and what is far less than that, also on a busy machine."""


class Deaf:
    """Hears requests and answers each only when `go` is set."""

    def __init__(self) -> None:
        self.heard = 0
        self.go = threading.Event()

    def __call__(self, client: socket.socket, over: threading.Event) -> None:
        while heard(client):
            self.heard += 1
            while not self.go.wait(0.02):
                if over.is_set():
                    return
            client.sendall(FINE)


class Poll:
    """A long poll on a thread of its own: its answer or its error, and how long it took."""

    def __init__(self, line: Line) -> None:
        self.came: Answer | CoordinationError | None = None
        self._line = line
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.came = self._line.get("/v1/kv/x", "index=7", POLL)
        except CoordinationError as error:
            self.came = error

    @property
    def over(self) -> bool:
        """Whether anything came of it."""
        return self.came is not None

    def ends_soon(self) -> Answer | CoordinationError | None:
        """What came of it, long before its time."""
        self._thread.join(SOON)
        assert time.monotonic() - self._began < POLL / 2
        return self.came


@contextmanager
def agents(*scripts: Script, folder: Path | None = None) -> Iterator[Cluster]:
    """A cluster of agents that do this, with TLS if there is a folder for certificates."""
    tls = Tls(folder) if folder else None
    with ExitStack() as stack:
        wrapped = [tls.wrapped(script) if tls else script for script in scripts]
        servers = [stack.enter_context(Hostile(script)) for script in wrapped]
        made = Cluster(Settings(tuple(server.endpoint for server in servers)))
        stack.callback(made.close)
        for agent in made.agents:
            agent._trust = tls.client if tls else None
        yield made


@pytest.fixture(params=["plain", "tls"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """For certificates; None without TLS."""
    return tmp_path if request.param == "tls" else None


def on(cluster: Cluster) -> int:
    """The place of the agent whose turn it is."""
    return cluster.agents.index(cluster.demand())


def test_an_agent_that_is_left_is_left_by_polls_too(folder: Path | None) -> None:
    """At once; the next poll asks the next agent, which is not passed by."""
    deaf = Deaf()
    with agents(deaf, answering(FINE), folder=folder) as cluster:
        line = cluster.line()
        poll = Poll(line)
        assert eventually(lambda: deaf.heard)
        cluster.turn(cluster.agents[0])
        assert isinstance(poll.ends_soon(), StoreUnavailable)
        assert on(cluster) == 1
        assert line.get("/v1/kv/x", "index=7", SOON).status == 200
        line.close()


def test_a_call_that_finds_an_agent_silent_ends_its_polls() -> None:
    """Which is how losses are told while an agent hangs: the calls turn, and the watches with them."""
    deaf = Deaf()
    with agents(deaf, answering(FINE, FINE)) as cluster:
        lines = [cluster.line() for _ in range(3)]
        polls = [Poll(line) for line in lines]
        assert eventually(lambda: deaf.heard == 3)
        look = Request("GET", "/v1/status/leader")
        assert cluster.ask(look, lambda answer: answer.status, 5.0) == 200
        assert [type(poll.ends_soon()) for poll in polls] == [StoreUnavailable] * 3
        assert on(cluster) == 1
        for line in lines:
            line.close()


def test_polls_elsewhere_go_on() -> None:
    """Only who polls the agent that is left is interrupted; and nobody, where there is no other agent."""
    deaf = Deaf()
    with agents(deaf) as cluster, refusing() as nobody:
        line = cluster.line()
        poll = Poll(line)
        assert eventually(lambda: deaf.heard)
        cluster.turn(cluster.agents[0])
        line.leave(Cluster(Settings((nobody,))).agents[0])
        time.sleep(0.2)
        assert not poll.over
        deaf.go.set()
        assert isinstance(poll.ends_soon(), Answer)
        line.leave(cluster.agents[0])  # Between two polls it is no business of theirs.
        assert line.get("/v1/kv/x", "index=7", SOON).status == 200
        assert deaf.heard == 2
        line.close()


def test_an_agent_that_is_left_while_it_is_dialed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll that was about to begin on it does not: it would be as deaf as the others."""
    deaf = Deaf()
    with agents(deaf, answering(FINE)) as cluster:
        first = cluster.agents[0]
        dial = first.connect

        def connect(until: float) -> object:
            made = dial(until)
            cluster.turn(first)
            return made

        monkeypatch.setattr(first, "connect", connect)
        line = cluster.line()
        assert Poll(line).ends_soon() is not None
        assert line.get("/v1/kv/x", "index=7", SOON).status == 200
        line.close()


def test_closing_ends_a_poll(folder: Path | None) -> None:
    """From another thread; its connection is closed, and no other agent is asked."""
    deaf = Deaf()
    with agents(deaf, answering(FINE), folder=folder) as cluster:
        line = cluster.line()
        poll = Poll(line)
        assert eventually(lambda: deaf.heard)
        line.close()
        line.close()
        assert isinstance(poll.ends_soon(), StoreUnavailable)
        assert on(cluster) == 0
        with pytest.raises(StoreUnavailable, match="the watch is closed"):
            line.get("/v1/kv/x", "index=7", SOON)


@pytest.mark.parametrize("polls", [0, 1])
def test_a_closed_line_asks_nobody(polls: int) -> None:
    """Whether it has a connection or not."""
    with agents(answering(FINE, FINE)) as cluster:
        line = cluster.line()
        for _ in range(polls):
            assert line.get("/v1/kv/x", "", SOON).status == 200
        line.close()
        with pytest.raises(StoreUnavailable, match="the watch is closed"):
            line.get("/v1/kv/x", "", SOON)


def test_a_line_nobody_has_any_more_is_forgotten() -> None:
    """A cluster keeps no line alive."""
    with agents(answering(FINE)) as cluster:
        line = cluster.line()
        assert list(cluster._lines) == [line]
        line.close()
        del line
        forgotten: Callable[[], bool] = lambda: not list(cluster._lines)  # noqa: E731
        assert eventually(forgotten)
