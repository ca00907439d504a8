"""One agent on loopback: its connections are kept, and replaced when they ended."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from coordination.stores.consul.agent import IDLE, Agent
from coordination.stores.consul.message import Answer, Effect, Failed, Request
from integration.servers.hostile import refusing
from tests.consul.talking import FINE, LOOK, agent, answering, heard, until


def test_one_connection_for_many_requests() -> None:
    """And each answer has its status, its index and its body."""
    with agent(answering(*[FINE] * 5)) as (made, server):
        for _ in range(5):
            assert made.ask(LOOK, until(5.0)) == Answer(200, 7, b"[]")
        assert server.connections == 1


def test_what_is_sent() -> None:
    """The target as it is, the headers given, and no others that tell of us."""
    said: list[bytes] = []

    def script(client: socket.socket, _over: threading.Event) -> None:
        said.append(heard(client))
        client.sendall(FINE)

    with agent(script, headers={"X-Consul-Token": "t"}) as (made, _):
        made.ask(Request("GET", "/v1/kv/p/%40/a%2Fb%2E", "consistent&dc=x"), until(5.0))
    line, *headers = said[0].decode().removesuffix("\r\n\r\n").split("\r\n")
    assert line == "GET /v1/kv/p/%40/a%2Fb%2E?consistent&dc=x HTTP/1.1"
    assert "X-Consul-Token: t" in headers
    assert {header.split(":")[0].lower() for header in headers} <= {
        "host",
        "x-consul-token",
        "accept-encoding",
        "user-agent",
    }


@pytest.mark.parametrize("effect", Effect)
def test_a_connection_that_ended_meanwhile_is_replaced(effect: Effect) -> None:
    """An agent closes what has been idle: nobody hears of it."""
    with agent(answering(FINE)) as (made, server):
        for number in range(3):
            assert made.ask(Request("GET", "/", effect=effect), until(5.0)).status == 200
            assert server.connections == number + 1
            ended(made)


def ended(made: Agent) -> None:
    """Wait until the other end has closed the connection that is kept."""
    give_up = time.monotonic() + 10.0
    while made._idle and made._idle[0].is_connected:
        assert time.monotonic() < give_up
        time.sleep(0.005)


def test_an_end_instead_of_an_answer() -> None:
    """On a kept connection: asked again on a fresh one, unless that might do it twice."""

    def script(client: socket.socket, _over: threading.Event) -> None:
        heard(client)
        client.sendall(FINE)
        heard(client)  # and no answer to that

    for effect in (Effect.NONE, Effect.HARMLESS):
        with agent(script) as (made, server):
            request = Request("GET", "/", effect=effect)
            assert [made.ask(request, until(5.0)).status for _ in range(2)] == [200, 200]
            assert server.connections == 2
    with agent(script) as (made, server):
        request = Request("GET", "/", effect=Effect.ONCE)
        made.ask(request, until(5.0))
        with pytest.raises(Failed) as caught:
            made.ask(request, until(5.0))
        assert caught.value.sent
        assert server.connections == 1


def test_nobody_listens() -> None:
    """It was certainly not sent."""
    with refusing() as endpoint, pytest.raises(Failed, match="no connection") as caught:
        Agent(endpoint, None, {}).ask(LOOK, until(5.0))
    assert not caught.value.sent


def test_an_agent_that_keeps_nothing() -> None:
    """`Connection: close` is heeded."""
    with agent(answering(FINE.replace(b"X-", b"Connection: close\r\nX-"))) as (made, server):
        for _ in range(2):
            assert made.ask(LOOK, until(5.0)).status == 200
        assert server.connections == 2
        assert made._idle == []


def test_few_connections_are_kept() -> None:
    """However many there were at once; and none after the end."""
    with agent(answering(*[FINE] * 9)) as (made, _):
        opened = [made.connect(until(5.0)) for _ in range(IDLE + 3)]
        for each in opened:
            made._keep(each)
        assert len(made._idle) == IDLE
        assert sum(each.is_connected for each in opened) == IDLE
        kept = made._idle[-1]
        assert made.ask(LOOK, until(5.0)).status == 200
        assert made._idle[-1] is kept
        made.close()
        assert not any(each.is_connected for each in opened)
        made._keep(late := made.connect(until(5.0)))
        assert not late.is_connected
