"""The TLS context: whom it trusts, what it demands, what it never does."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from coordination.errors import ConfigurationError
from coordination.stores.consul.settings import Settings
from coordination.stores.consul.tls import context_of
from integration.servers.certificates import Certificates, Pair
from tests.consul.settled import settings


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Good and bad ones."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


def secure(environment: Mapping[str, str] | None = None, **options: Any) -> Settings:
    """Settings with TLS."""
    return settings("consuls://one", environment, **options)


def handshake(context: ssl.SSLContext, server: ssl.SSLContext, host: str = "127.0.0.1") -> str:
    """The protocol that both agree upon; the client's error if they do not."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(theirs, server_side=True) as other:
                other.recv(1)
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        ours.settimeout(10)
        with context.wrap_socket(ours, server_hostname=host) as connected:
            connected.send(b"x")
            return str(connected.version())
    finally:
        ours.close()
        thread.join(10)


def serving(pair: Pair, ca: Path | None = None) -> ssl.SSLContext:
    """A server that shows this certificate, and asks for one if it has a CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    if ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca)
    return context


def test_who_is_trusted(made: Certificates) -> None:
    """Whoever has a certificate of that CA for that host, and nobody else."""
    context = context_of(secure(cacert=made.ca))
    assert handshake(context, serving(made.server)) == "TLSv1.3"
    assert handshake(context, serving(made.server), "localhost") == "TLSv1.3"
    for server, host in (
        (made.wrong_name, "127.0.0.1"),
        (made.server, "one"),
        (made.wrong_client, "127.0.0.1"),
    ):
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(context, serving(server), host)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context_of(secure(cacert=made.wrong_ca)), serving(made.server))


def test_without_a_ca_the_systems_are_trusted(made: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no others."""
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context_of(secure()), serving(made.server))
    monkeypatch.setenv("SSL_CERT_FILE", str(made.ca))  # where OpenSSL takes the system's from
    assert handshake(context_of(secure()), serving(made.server)) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(context_of(secure(cacert=made.wrong_ca)), serving(made.server))


def test_what_we_show(made: Certificates) -> None:
    """The client's certificate, from options or from the environment."""
    server, pair = serving(made.server, made.ca), made.client
    server.maximum_version = ssl.TLSVersion.TLSv1_2  # In 1.3 a client hears of its refusal later.
    environment = {
        "CONSUL_CACERT": str(made.ca),
        "CONSUL_CLIENT_CERT": str(pair.cert),
        "CONSUL_CLIENT_KEY": str(pair.key),
    }
    assert handshake(context_of(secure(environment)), server) == "TLSv1.2"
    assert handshake(context_of(secure(cacert=made.ca, cert=pair.cert, key=pair.key)), server) == "TLSv1.2"
    with pytest.raises(OSError):
        handshake(context_of(secure(cacert=made.ca)), server)


def test_an_end_from_another_thread_is_not_the_end_of_tls(
    made: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own `shutdown` first drops what encrypts: a request under way then went out in plaintext."""
    ours, theirs = socket.socketpair()
    heard: list[bytes] = []

    def serve() -> None:
        with serving(made.server).wrap_socket(theirs, server_side=True) as other:
            heard.append(other.recv(6))

    thread = threading.Thread(target=serve)
    thread.start()
    ours.settimeout(10)
    with context_of(secure(cacert=made.ca)).wrap_socket(ours, server_hostname="127.0.0.1") as connected:
        monkeypatch.setattr(socket.socket, "shutdown", lambda *_: None)  # The moment before it takes effect.
        connected.shutdown(socket.SHUT_RDWR)
        connected.sendall(b"secret")
        thread.join(10)
    assert heard == [b"secret"]


def test_what_it_demands(made: Certificates) -> None:
    """TLS 1.2 is the least; host and certificate are checked."""
    context = context_of(secure(cacert=made.ca))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)


def test_keys_of_connections_are_not_written_down(
    made: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSLKEYLOGFILE is for others."""
    log = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(log))
    handshake(context_of(secure(cacert=made.ca)), serving(made.server))
    assert not log.exists()


def test_files_are_refused_at_once(made: Certificates, tmp_path: Path) -> None:
    """When settings are made, before any connection; also when they have gone bad since then."""
    garbage = tmp_path / "garbage"
    garbage.write_text("s3cret")
    refused: list[tuple[dict[str, Any], str]] = [
        ({"cacert": garbage}, "cacert: .*garbage holds no certificate"),
        ({"cacert": tmp_path / "nowhere"}, "cacert: cannot read"),
        ({"cert": made.client.cert}, "both: cert and key"),
        ({"cert": made.client.cert, "key": made.wrong_client.key}, "no pair that can be used"),
    ]
    for options, says in refused:
        with pytest.raises(ConfigurationError, match=says):
            secure(**options)
    kept = secure(cacert=made.ca)
    bad = Settings(kept.agents, secure=True, cacert=str(garbage))
    with pytest.raises(ConfigurationError, match="holds no certificate"):
        context_of(bad)


@pytest.mark.parametrize("name", ["cacert", "cert", "key"])
def test_plaintext_takes_none(made: Certificates, name: str) -> None:
    """An option for TLS without TLS is a mistake; the environment is for whoever uses TLS."""
    with pytest.raises(ConfigurationError, match=f"{name} is for TLS: write consuls:// instead of consul://"):
        settings("consul://one", None, **{name: str(made.ca)})
    found = settings("consul://one", {"CONSUL_CACERT": str(made.ca)})
    assert (found.secure, found.cacert) == (False, None)
