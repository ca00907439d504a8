"""No call into OpenSSL is under way while a process forks: a child would inherit the locks that it holds."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coordination.clock import SystemClock
from coordination.forking import NO_FORK
from coordination.stores.consul.settings import Settings
from coordination.stores.consul.sockets import BoundTLSSocket
from coordination.stores.consul.tls import Trust, context_of
from tests.consul.talking import Tls

PATIENCE = 60.0

CALLS = [
    (ssl.SSLContext, "load_verify_locations"),
    (ssl.SSLContext, "load_cert_chain"),
    (ssl.SSLContext, "load_default_certs"),
    (ssl.SSLContext, "wrap_socket"),
    (ssl.SSLSocket, "do_handshake"),
    (ssl.SSLSocket, "recv_into"),
    (ssl.SSLSocket, "send"),
]
"""Those that we use and during which Python lets other threads run; and making a context."""


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """Two sides that trust each other."""
    return Tls(tmp_path)


def inside() -> bool:
    """Whether this thread is where a fork waits for it."""
    mutex: Any = NO_FORK
    return bool(mutex._is_owned())


def connected(tls: Tls) -> tuple[Any, ssl.SSLSocket]:
    """A client's side and a server's, after the handshake."""
    ours, theirs = socket.socketpair()
    made: list[ssl.SSLSocket] = []
    server = threading.Thread(target=lambda: made.append(tls.server.wrap_socket(theirs, server_side=True)))
    server.start()
    ours.settimeout(PATIENCE)
    client = tls.client.wrap_socket(ours, server_hostname="127.0.0.1")
    server.join(PATIENCE)
    return client, made[0]


def test_every_call_is_where_a_fork_waits_for_it(tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is seen once at least, so that none of this is about nothing."""
    seen: dict[str, set[bool]] = {}

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def ask(self: Any, *args: Any, **how: Any) -> Any:
            if self is Trust or isinstance(self, Trust | BoundTLSSocket):
                seen.setdefault(name, set()).add(inside())
            return call(self, *args, **how)

        return ask

    for owner, name in CALLS:
        monkeypatch.setattr(owner, name, watched(name, getattr(owner, name)))
    monkeypatch.setattr(ssl.SSLContext, "__new__", watched("__new__", ssl.SSLContext.__new__))
    context_of(Settings(("one",), secure=True))
    pair = tls.made.server
    tls.client = context_of(
        Settings(("one",), secure=True, cacert=str(tls.made.ca), cert=str(pair.cert), key=str(pair.key))
    )
    client, server = connected(tls)
    client.begin(SystemClock().now() + PATIENCE)
    client.sendall(b"x")
    server.sendall(server.recv(1))
    assert client.recv_into(bytearray(1)) == 1
    client.close()
    server.close()
    assert seen == {name: {True} for name in ["__new__", *(name for _, name in CALLS)]}


@pytest.mark.untraced
@pytest.mark.skipif("os.name != 'posix'", reason="no fork elsewhere")
def test_a_fork_waits_for_no_answer(tls: Tls) -> None:
    """While a thread waits for bytes, and while another waits for a handshake, nobody is inside."""
    client, server = connected(tls)
    silent, other = socket.socketpair()
    silent.settimeout(PATIENCE)
    client.begin(SystemClock().now() + PATIENCE)
    answered = threading.Thread(target=client.recv_into, args=(bytearray(1),))

    def shake() -> None:
        with pytest.raises(OSError):
            tls.client.wrap_socket(silent, server_hostname="127.0.0.1")

    shaking = threading.Thread(target=shake)
    answered.start()
    shaking.start()
    for _ in range(20):
        began = SystemClock().now()
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            context_of(Settings(("one",), secure=True))
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert SystemClock().now() - began < PATIENCE / 2
    assert answered.is_alive() and shaking.is_alive()
    server.sendall(b"x")
    other.close()
    answered.join(PATIENCE)
    shaking.join(PATIENCE)
    client.close()
    server.close()
