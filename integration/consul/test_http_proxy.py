"""The proxy that other tests stand on: it passes on, writes down, and does to a request what it is told."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from integration.faults.measuring import eventually, measured
from integration.servers.consul import ConsulCluster
from integration.servers.fault import Fault
from integration.servers.http_fault import HttpFault, refusal
from integration.servers.http_proxy import HttpProxy
from integration.servers.http_wire import Answer

pytestmark = pytest.mark.xdist_group("consul-http-proxy")

Ask = Callable[..., Answer]

PATIENCE = 20.0


@pytest.fixture
def proxy(node: ConsulCluster) -> Iterator[HttpProxy]:
    """On the way to a real Consul."""
    with HttpProxy(node.endpoints[0]) as proxy:
        yield proxy


@pytest.fixture
def ask(proxy: HttpProxy) -> Iterator[Ask]:
    """Whoever has the time to wait for an answer, which a disk may hold up."""
    with _asking(proxy, PATIENCE) as asked:
        yield asked


@pytest.fixture
def hasty(proxy: HttpProxy) -> Iterator[Ask]:
    """Whoever waits for half a second: there will be no answer."""
    with _asking(proxy, 0.5) as asked:
        yield asked


@contextmanager
def _asking(proxy: HttpProxy, timeout: float) -> Iterator[Ask]:
    """Over one connection, which is opened anew after a failure."""
    connection = http.client.HTTPConnection(proxy.endpoint, timeout=timeout)

    def asked(method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                return Answer(response.status, response.read(), tuple(response.getheaders()))
        except (OSError, http.client.HTTPException):
            connection.close()
            raise

    try:
        yield asked
    finally:
        connection.close()


def _value(node: ConsulCluster, key: str) -> object:
    """What is stored, behind the proxy's back."""
    return node.ask("GET", f"/v1/kv/{key}?raw")


def test_it_passes_on_and_writes_down(proxy: HttpProxy, ask: Ask) -> None:
    """Paths and queries exactly as they were sent, whatever they look like; one connection is kept."""
    target = "/v1/kv/a%2Fb/%252E/../c?flags=3&x=%20"
    assert ask("PUT", "/v1/kv/passed", b"7", Token="t").body.strip() == b"true"
    assert ask("GET", "/v1/kv/passed?raw").body == b"7"
    ask("GET", target)
    request = proxy.requests[0]
    assert (request.method, request.target, request.body) == ("PUT", "/v1/kv/passed", b"7")
    assert request.headers["token"] == "t"
    assert (proxy.requests[2].target, proxy.requests[2].query) == (target, "flags=3&x=%20")
    assert (proxy.connections, len(proxy.requests)) == (1, 3)
    assert proxy.statuses[200] == 2


def test_it_tells_what_a_transaction_does(proxy: HttpProxy, ask: Ask) -> None:
    """By its verbs, which is how a test aims at one of them."""
    operations = [{"KV": {"Verb": "set", "Key": "t", "Value": ""}}, {"KV": {"Verb": "get", "Key": "t"}}]
    proxy.next(lambda request: "get" in request.verbs, refusal(503))
    assert ask("PUT", "/v1/txn", json.dumps(operations[:1]).encode()).status == 200
    assert ask("PUT", "/v1/txn", json.dumps(operations).encode()).status == 503
    assert proxy.requests[1].verbs == {"get", "set"}


@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        (Fault(swallow=True), True),
        (Fault(drop=True), True),
        (Fault(answer_after=5.0), True),
        (HttpFault(unsent=True), False),
        (Fault(land_after=60.0), False),
    ],
)
def test_an_answer_that_does_not_come(
    proxy: HttpProxy, ask: Ask, hasty: Ask, node: ConsulCluster, fault: Fault, applied: bool
) -> None:
    """It is as it was announced whether Consul has applied the request; only that one request meets it."""
    ask("PUT", "/v1/kv/lost", b"0")
    proxy.next("/v1/kv/lost", fault)
    assert isinstance(
        measured(lambda: hasty("PUT", "/v1/kv/lost", b"1")).error, (OSError, http.client.HTTPException)
    )
    eventually(lambda: proxy.pending("/v1/kv/lost") == 0, PATIENCE)
    eventually(lambda: _value(node, "lost") == int(applied), PATIENCE)
    assert ask("PUT", "/v1/kv/lost", b"2").status == 200


def test_a_request_lands_late(proxy: HttpProxy, ask: Ask, hasty: Ask, node: ConsulCluster) -> None:
    """After its client has given up and gone, and after what was asked later."""
    ask("PUT", "/v1/kv/late", b"0")
    proxy.next("/v1/kv/late", Fault(land_after=5.0))
    assert isinstance(measured(lambda: hasty("PUT", "/v1/kv/late", b"1")).error, TimeoutError)
    ask("PUT", "/v1/kv/late", b"2")
    assert _value(node, "late") == 2
    eventually(lambda: _value(node, "late") == 1, PATIENCE)


def test_other_answers(proxy: HttpProxy, ask: Ask, node: ConsulCluster) -> None:
    """One of ours instead of Consul's, or one made of the true one; for as long as it should."""
    ask("PUT", "/v1/kv/other", b"0")
    proxy.always("/v1/kv/other", refusal(307, Location="/elsewhere"))
    answers = [ask("PUT", "/v1/kv/other", b"1") for _ in range(3)]
    assert [(answer.status, answer.header("location")) for answer in answers] == [(307, "/elsewhere")] * 3
    proxy.behave()
    proxy.next("/v1/kv/other", HttpFault(lie=lambda true: true.saying("X-Consul-Index", "0")))
    lied = ask("GET", "/v1/kv/other?raw")
    assert (lied.body, lied.header("x-consul-index")) == (b"0", "0")
    assert ask("GET", "/v1/kv/other?raw").header("x-consul-index") not in (None, "0")


def test_a_blocking_query_blocks(proxy: HttpProxy, ask: Ask, node: ConsulCluster) -> None:
    """Until something happens or its time is over; whoever hangs up meanwhile is let go of."""
    ask("PUT", "/v1/kv/blocking", b"0")
    index = ask("GET", "/v1/kv/blocking").header("x-consul-index")
    took = measured(lambda: ask("GET", f"/v1/kv/blocking?index={index}&wait=100ms")).took
    assert took > 0.09
    host, port = proxy.endpoint.split(":")
    with socket.create_connection((host, int(port)), timeout=5.0) as hanging:
        hanging.sendall(f"GET /v1/kv/blocking?index={index}&wait=60s HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        eventually(lambda: proxy.open_connections == 2, 10.0)
    eventually(lambda: proxy.open_connections == 1, 10.0)


def test_closing_ends_everything(node: ConsulCluster) -> None:
    """Also what hangs and what has yet to land, at once; closing twice is fine."""
    proxy = HttpProxy(node.endpoints[0])
    proxy.next("/v1/kv/", Fault(swallow=True), Fault(land_after=60.0))
    connections = [http.client.HTTPConnection(proxy.endpoint, timeout=5.0) for _ in range(2)]
    for connection in connections:
        connection.request("PUT", "/v1/kv/closing", b"1")
    eventually(lambda: len(proxy.requests) == 2, 10.0)
    began = time.monotonic()
    proxy.close()
    proxy.close()
    assert time.monotonic() - began < 5.0
    for connection in connections:
        assert isinstance(measured(connection.getresponse).error, OSError)
        connection.close()
