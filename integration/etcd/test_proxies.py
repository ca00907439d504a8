"""The instruments themselves: the proxy of bytes and the hostile servers do what their names say."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import grpc
import pytest

from integration.etcd.raw import Raw
from integration.faults.measuring import eventually, hiccups, measured
from integration.servers import lies
from integration.servers.etcd import EtcdCluster
from integration.servers.hostile import MANNERS, Hostile, refusing
from integration.servers.tcp_proxy import TcpProxy

pytestmark = pytest.mark.xdist_group("faults")


@pytest.fixture
def tcp(node: EtcdCluster) -> Iterator[TcpProxy]:
    """A proxy of its bytes."""
    with TcpProxy(node.endpoints[0]) as proxy:
        yield proxy


def _talk(endpoint: str) -> socket.socket:
    connection = socket.create_connection(tuple(endpoint.split(":")), timeout=5.0)  # type: ignore[arg-type]
    connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
    return connection


def _first_byte(endpoint: str) -> bytes:
    """Of the answer to it."""
    with _talk(endpoint) as connection:
        return connection.recv(1)


def test_tcp_proxy_forwards_and_counts(tcp: TcpProxy) -> None:
    """Left alone it is invisible: an HTTP request gets etcd's answer, and both ways are counted."""
    with _talk(tcp.endpoint) as connection:
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert b"200 OK" in answer
    assert (tcp.connections, tcp.bytes_down) == (1, len(answer))
    assert tcp.bytes_up == len(b"GET /health HTTP/1.0\r\n\r\n")
    eventually(lambda: tcp.open_connections == 0, 5.0)


def test_tcp_proxy_delays_each_way(tcp: TcpProxy) -> None:
    """A latency of 1 s makes a round trip 2 s longer; restored, it is gone."""
    tcp.latency(1.0)
    assert measured(lambda: _first_byte(tcp.endpoint)).took >= 2.0
    tcp.restore()
    assert measured(lambda: _first_byte(tcp.endpoint)).took < 2.0


def test_tcp_proxy_is_a_black_hole(tcp: TcpProxy) -> None:
    """Connections are accepted and kept, nothing gets through, and nothing that was sent is lost."""
    tcp.black_hole()
    with _talk(tcp.endpoint) as connection:
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert tcp.bytes_up == 0
        tcp.restore()
        connection.settimeout(5.0)
        assert connection.recv(8) == b"HTTP/1.0"


def test_tcp_proxy_cuts_with_a_reset(tcp: TcpProxy) -> None:
    """A cut connection fails at once, and the next one works."""
    tcp.black_hole()
    with _talk(tcp.endpoint) as connection:
        eventually(lambda: tcp.open_connections == 1, 5.0)
        tcp.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    tcp.restore()
    with _talk(tcp.endpoint) as connection:
        assert connection.recv(8) == b"HTTP/1.0"


def test_tcp_proxy_refuses_until_restored(tcp: TcpProxy) -> None:
    """Nobody listens any more; after the restore it does again, on the same port."""
    tcp.refuse()
    with pytest.raises(ConnectionRefusedError):
        _talk(tcp.endpoint)
    tcp.restore()
    with _talk(tcp.endpoint) as connection:
        assert connection.recv(8) == b"HTTP/1.0"


@pytest.mark.parametrize("manner", sorted(MANNERS))
def test_a_hostile_server_is_no_etcd(manner: str) -> None:
    """A correct client gets nothing out of it but an error, and closing it ends its threads."""
    with Hostile(MANNERS[manner]) as server:
        client = Raw(server.endpoint)
        failed = measured(lambda: client.grant(1, timeout=0.5))
        eventually(lambda: server.connections >= 1, 10.0)  # a busy machine may need longer than the call
        client.channel.close()
        assert isinstance(failed.error, grpc.RpcError)
        began = time.monotonic()
    assert time.monotonic() - began < 5.0


def test_a_refusing_endpoint_refuses() -> None:
    """Its port is taken, so that nobody else can listen there meanwhile."""
    with refusing() as endpoint, pytest.raises(ConnectionRefusedError):
        _talk(endpoint)


def test_a_bomb_is_small_on_the_wire() -> None:
    """A client that takes messages of any size gets 32 MB of zeroes, for a few kilobytes sent."""
    with lies.bomb(32 << 20) as endpoint, TcpProxy(endpoint) as wire:
        options = [("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(wire.endpoint, options=options) as channel:
            answer = channel.unary_unary("/any/thing")(b"", timeout=20.0)
    assert answer == bytes(32 << 20)
    assert wire.bytes_down < 1 << 20


def test_a_standstill_is_told() -> None:
    """Nobody runs while one thread keeps the interpreter: that counts, though no other has woken up yet."""
    with hiccups() as held_up:
        began = time.monotonic()
        sum(range(50_000_000))  # One step, which no other thread interrupts.
        stood_still = time.monotonic() - began
        told = held_up()
    assert told > stood_still - 0.1
