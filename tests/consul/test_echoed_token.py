"""Agents and proxies that tell us our own ACL token: no error shows it."""

from __future__ import annotations

import json
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from coordination.errors import CoordinationError
from coordination.hidden import Hidden
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.history import History
from coordination.stores.consul.message import Effect, Request
from coordination.stores.consul.settings import Settings
from coordination.stores.consul.transactions import Transactions, operation
from integration.servers.hostile import Hostile

TOKEN = "7f8e9d6c-5b4a-4321-8765-0123456789ab"
SENTENCE = f"X-Consul-Token: {TOKEN} is not welcome, {TOKEN}"


def answer(status: str, body: str) -> bytes:
    """As it travels."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


@contextmanager
def cluster(says: bytes) -> Iterator[Cluster]:
    """One agent that says this to whatever it is asked."""

    def script(client: socket.socket, _over: threading.Event) -> None:
        client.recv(65_536)
        client.sendall(says)

    with Hostile(script) as server:
        made = Cluster(Settings((server.endpoint,), token=Hidden(TOKEN)))
        yield made
        made.close()


def shown(call: Callable[[], object]) -> str:
    """Everything that its error shows, with all it is chained to."""
    with pytest.raises(CoordinationError) as caught:
        call()
    return "".join(traceback.format_exception(caught.value)) + repr(caught.value)


STATUSES = [
    "301 Moved",
    "400 Bad Request",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "413 Too Large",
    "429 Too Many",
    "500 Internal Server Error",
    "502 Bad Gateway",
    "503 Service Unavailable",
]


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("status", STATUSES)
def test_a_refusal(status: str, effect: Effect) -> None:
    """The sentence is told, with stars in the place of the token, wherever it stands."""
    with cluster(answer(status, SENTENCE)) as on:
        request = Request("PUT", "/v1/txn", effect=effect)
        text = shown(lambda: on.ask(request, lambda answer: answer.status, 5.0))
    assert TOKEN not in text
    assert "X-Consul-Token: *** is not welcome, ***" in text


@pytest.mark.parametrize("sentence", [SENTENCE, f"Permission denied to {TOKEN}"])
def test_a_transaction_that_was_not_applied(sentence: str) -> None:
    """Each operation has a sentence of its own."""
    body = json.dumps({"Results": None, "Errors": [{"OpIndex": 0, "What": sentence}]})
    with cluster(answer("409 Conflict", body)) as on:
        steps, transactions = [operation("get", "p/x")], Transactions(on, History())
        if "denied" in sentence:
            assert "Permission denied to ***" in shown(lambda: transactions.read(steps, 5.0))
        said = str(transactions.write(steps, 5.0).complaints) if "denied" not in sentence else ""
    assert TOKEN not in said


@pytest.mark.parametrize(
    "says",
    [
        f"{TOKEN}\r\n\r\n".encode(),
        f"HTTP/1.1 {TOKEN} Fine\r\n\r\n".encode(),
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{TOKEN}\r\n".encode(),
    ],
    ids=["line", "status", "chunk"],
)
def test_what_is_no_answer(says: bytes) -> None:
    """Where Python tells what it could not read."""
    with cluster(says) as on:
        look = Request("GET", "/v1/status/leader")
        assert TOKEN not in shown(lambda: on.ask(look, lambda answer: answer.status, 5.0))


@pytest.mark.parametrize("says", [answer("500 No", SENTENCE), f"{TOKEN}\r\n\r\n".encode()])
def test_a_long_poll(says: bytes) -> None:
    """Its errors end up in logs."""
    with cluster(says) as on:
        line = on.line()
        text = shown(lambda: line.get("/v1/kv/p/x", "index=1", 5.0))
        line.close()
    assert TOKEN not in text
    assert "***" in text
