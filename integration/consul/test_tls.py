"""TLS: who shows the right certificate is let in, and nothing is ever said to anybody else."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from coordination import StoreError, StoreRefused, StoreUnavailable, connect
from coordination.stores.consul.opening import open_store
from integration.servers.certificates import Certificates, Pair
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary
from integration.servers.recorder import Recorder
from integration.servers.tcp_proxy import TcpProxy

pytestmark = pytest.mark.xdist_group("consul-security")

TIMEOUT = 2.0
SECRET = "s3cret-w0rd"
REMEDY = "check cacert, the host name and the dates"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def servers(
    made: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, ConsulCluster]]:
    """One for each certificate a server can show, one that asks for the client's, one without TLS."""

    def start(config: dict[str, Any], tls: Certificates | None = made) -> ConsulCluster:
        folder = tmp_path_factory.mktemp("consul")
        return stack.enter_context(ConsulCluster(consul_binary(), folder, config=config, tls=tls))

    with ExitStack() as stack:
        yield {
            "good": start({}),
            "wrong name": start({**made.wrong_name.config}),
            "expired": start({**made.expired.config}),
            "self-signed": start({**made.self_signed.config}),
            "mutual": start({"verify_incoming_https": True}),
            "plaintext": start({}, None),
        }


def _refused(
    endpoint: str, scheme: str = "consuls", error: type[StoreError] = StoreRefused, **options: Any
) -> str:
    """Why; within the timeout + 0.5 s."""
    with closing(open_store(f"{scheme}://{endpoint}", **options)) as store:
        began = time.monotonic()
        with pytest.raises(error) as caught:
            store.open_session(10, timeout=TIMEOUT)
        assert time.monotonic() - began < TIMEOUT + 0.5
    return str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_that_is_right(
    servers: dict[str, ConsulCluster], made: Certificates, host: str
) -> None:
    """The cacert given is trusted, for every name in the certificate."""
    url = servers["good"].url.replace("127.0.0.1", host)
    with connect(url, cacert=made.ca) as manager:
        with manager.wait_lease("tls", period=10, timeout=10) as lease:
            assert lease.commit({"key": b"value"}) > lease.token
            assert next(iter(manager.watch("tls"))) is not None
        assert manager.health() == []


def test_a_long_way(servers: dict[str, ConsulCluster], made: Certificates) -> None:
    """A round trip of 300 ms is no obstacle, though a handshake takes several of them."""
    with TcpProxy(servers["good"].endpoints[0]) as way:
        way.latency(0.15)
        with closing(open_store(f"consuls://{way.endpoint}", cacert=made.ca)) as store:
            session = store.open_session(10, timeout=10)
            store.close_session(session, timeout=5)


@pytest.mark.parametrize(
    ("server", "reason"),
    [("wrong name", "IP address mismatch"), ("expired", "expired"), ("self-signed", "certificate")],
)
def test_a_certificate_that_is_wrong(
    servers: dict[str, ConsulCluster], made: Certificates, server: str, reason: str
) -> None:
    """Another host's, one that ran out yesterday, or one that nobody else vouches for."""
    why = _refused(servers[server].endpoints[0], cacert=made.ca)
    assert reason in why
    assert REMEDY in why


def test_an_authority_nobody_named(servers: dict[str, ConsulCluster], made: Certificates) -> None:
    """Another CA, or those that the system trusts."""
    trusted: list[dict[str, Any]] = [{"cacert": made.wrong_ca}, {}]
    for options in trusted:
        assert REMEDY in _refused(servers["good"].endpoints[0], **options)


def test_nobody_waits_for_a_wrong_certificate(servers: dict[str, ConsulCluster], made: Certificates) -> None:
    """It gets no better by waiting: whoever waits without a timeout is told at once, and so is a watch."""
    with connect(f"consuls://{servers['good'].endpoints[0]}", cacert=made.wrong_ca) as manager:
        for call in (manager.wait_lease, lambda name: next(iter(manager.watch(name)))):
            began = time.monotonic()
            with pytest.raises(StoreRefused, match=REMEDY):
                call("tls")
            assert time.monotonic() - began < 3.0


def test_a_server_without_tls(servers: dict[str, ConsulCluster], made: Certificates) -> None:
    """It is not spoken to otherwise; the remedy is named."""
    why = _refused(servers["plaintext"].endpoints[0], error=StoreUnavailable, cacert=made.ca)
    assert "write consul:// instead of consuls://" in why


def test_a_server_with_tls(servers: dict[str, ConsulCluster]) -> None:
    """Whoever forgot the s in consuls:// is told so, by health() for certain.

    The answer to a request with a body may be lost, for Consul hangs up on the rest of it.
    """
    with connect(f"consul://{servers['good'].endpoints[0]}", timeout=TIMEOUT) as manager:
        with pytest.raises(StoreRefused, match="write consuls:// instead of consul://"):
            manager.health()
        with pytest.raises(StoreError):
            manager.acquire_lease("tls")


def test_one_agent_with_a_wrong_certificate(servers: dict[str, ConsulCluster], made: Certificates) -> None:
    """The others are asked instead, and an operator can see which it is."""
    wrong, good = servers["expired"].endpoints[0], servers["good"].endpoints[0]
    with connect(f"consuls://{wrong},{good}", cacert=made.ca) as manager:
        manager.wait_lease("one-of-two", period=10, timeout=10).release()
        [remark] = manager.health()
        assert wrong in remark
        assert REMEDY in remark


def test_a_client_with_a_certificate(servers: dict[str, ConsulCluster], made: Certificates) -> None:
    """mTLS: cert and key let in, and the blocking queries use them too."""
    options: dict[str, Any] = {"cacert": made.ca, "cert": made.client.cert, "key": made.client.key}
    with connect(servers["mutual"].url, **options) as manager:
        lease = manager.wait_lease("mutual", period=10, timeout=10).keep_alive()
        assert next(iter(manager.watch("mutual"))) is not None
        lease.release()
        assert manager.health() == []


@pytest.mark.parametrize("pair", [None, "wrong_client"])
def test_a_client_without_one(
    servers: dict[str, ConsulCluster], made: Certificates, pair: str | None
) -> None:
    """Or with one that the server does not trust: told at once, though TLS 1.3 tells it late."""
    shown: Pair | None = getattr(made, pair) if pair else None
    options: dict[str, Any] = {"cert": shown.cert, "key": shown.key} if shown else {}
    for _ in range(5):  # What a client is told first depends on who is quicker.
        why = _refused(servers["mutual"].endpoints[0], cacert=made.ca, **options)
        assert "does it ask for a client certificate? give cert and key" in why


@pytest.mark.skipif("os.name != 'posix'")
def test_a_key_that_others_can_read(
    servers: dict[str, ConsulCluster], made: Certificates, tmp_path: Path
) -> None:
    """It is used, and an operator is told."""
    key = tmp_path / "key.pem"
    key.write_bytes(made.client.key.read_bytes())
    os.chmod(key, 0o644)
    with connect(servers["mutual"].url, cacert=made.ca, cert=made.client.cert, key=key) as manager:
        [remark] = manager.health()
    assert str(key) in remark
    assert "0644" in remark


def test_nothing_but_tls_is_ever_said(made: Certificates) -> None:
    """To a server that closes, answers plaintext, or is silent: each connection begins a handshake."""
    for answer in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", None):
        with Recorder(answer) as recorder:
            url = f"consuls://{recorder.endpoint}"
            with closing(open_store(url, cacert=made.ca, token=SECRET)) as store:
                for _ in range(3):
                    with pytest.raises(StoreUnavailable):
                        store.open_session(10, timeout=0.5)
        said = recorder.said()
        assert said
        assert all(each.startswith(b"\x16\x03") for each in said)  # a TLS record: handshake
        assert not [each for each in said if b"HTTP/1" in each or b"s3cret" in each]
