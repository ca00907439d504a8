"""TLS: who shows the right certificate is let in, and nothing is ever said to anybody else."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from coordination import AuthFailed, StoreError, StoreRefused, StoreUnavailable, connect
from coordination.stores.etcd.opening import open_store
from integration.faults.held import let_go
from integration.faults.measuring import hiccups, measured
from integration.servers.certificates import Certificates, Pair
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary
from integration.servers.recorder import Recorder
from integration.servers.tcp_proxy import TcpProxy

pytestmark = pytest.mark.xdist_group("security")

TIMEOUT = 2.0
SECRET = "s3cret-w0rd"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def servers(made: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, EtcdCluster]]:
    """One for each certificate a server can show, one that asks for the client's, one without TLS."""
    binary = etcd_binary(VERSIONS[0])

    def start(flags: list[str], tls: Certificates | None = made) -> EtcdCluster:
        return stack.enter_context(EtcdCluster(binary, tmp_path_factory.mktemp("etcd"), flags=flags, tls=tls))

    with ExitStack() as stack:
        yield {
            "good": start([]),
            "wrong name": start(made.wrong_name.flags),
            "expired": start(made.expired.flags),
            "plaintext": start([], None),
        }


@pytest.fixture(scope="module", params=VERSIONS)
def mutual(
    request: pytest.FixtureRequest, made: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EtcdCluster]:
    """It asks for the client's certificate, and knows one user, whom a certificate names too."""
    flags = ["--client-cert-auth"]
    folder = tmp_path_factory.mktemp("etcd")
    with EtcdCluster(etcd_binary(request.param), folder, flags=flags, tls=made) as cluster:
        yield cluster


def _refused(
    endpoint: str, scheme: str = "etcds", error: type[StoreError] = StoreUnavailable, **options: Any
) -> str:
    """Why; within the timeout + 0.5 s."""
    with closing(open_store(f"{scheme}://{endpoint}", **options)) as store, hiccups() as held_up:
        outcome = measured(lambda: store.open_session(10, timeout=TIMEOUT))
        assert outcome.took < TIMEOUT + 0.5 + held_up()
    assert isinstance(outcome.error, error), outcome
    return str(outcome.error)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_certificate_that_is_right(servers: dict[str, EtcdCluster], made: Certificates, host: str) -> None:
    """The cacert given is trusted, for every name in the certificate."""
    url = servers["good"].url.replace("127.0.0.1", host)
    with connect(url, cacert=made.ca) as manager:
        let_go(manager.wait_lease("tls", period=10, timeout=10).keep_alive())
        assert manager.health() == []


def test_a_long_way(servers: dict[str, EtcdCluster], made: Certificates) -> None:
    """A round trip of 300 ms is no obstacle, though a handshake takes several of them."""
    with TcpProxy(servers["good"].endpoints[0]) as way:
        way.latency(0.15)
        with closing(open_store(f"etcds://{way.endpoint}", cacert=made.ca)) as store:
            session = store.open_session(10, timeout=10)
            store.close_session(session, timeout=5)


@pytest.mark.parametrize("server", ["wrong name", "expired"])
def test_a_certificate_that_is_wrong(
    servers: dict[str, EtcdCluster], made: Certificates, server: str
) -> None:
    """Another host's, or one that ran out yesterday."""
    why = _refused(servers[server].endpoints[0], error=StoreRefused, cacert=made.ca)
    assert "check cacert, the host name and the dates" in why


def test_an_authority_nobody_named(servers: dict[str, EtcdCluster], made: Certificates) -> None:
    """Another CA, or those that the system trusts."""
    trusted: list[dict[str, Any]] = [{"cacert": made.wrong_ca}, {}]
    for options in trusted:
        why = _refused(servers["good"].endpoints[0], error=StoreRefused, **options)
        assert "check cacert, the host name and the dates" in why


def test_nobody_waits_for_a_wrong_certificate(servers: dict[str, EtcdCluster], made: Certificates) -> None:
    """It gets no better by waiting: whoever waits without a timeout is told at once."""
    url = f"etcds://{servers['good'].endpoints[0]}"
    with connect(url, cacert=made.wrong_ca) as manager, hiccups() as held_up:
        began = time.monotonic()
        with pytest.raises(StoreRefused, match="check cacert"):
            manager.wait_lease("tls")
        assert time.monotonic() - began < 6.0 + held_up()


def test_a_server_without_tls(servers: dict[str, EtcdCluster], made: Certificates) -> None:
    """It is not spoken to otherwise; the remedy is named."""
    assert "does it speak TLS" in _refused(servers["plaintext"].endpoints[0], cacert=made.ca)


def test_a_server_with_tls(servers: dict[str, EtcdCluster]) -> None:
    """Whoever forgot the s in etcds:// is told so."""
    assert "does it want TLS (etcds://)?" in _refused(servers["good"].endpoints[0], "etcd")


def test_one_member_with_a_wrong_certificate(servers: dict[str, EtcdCluster], made: Certificates) -> None:
    """The others are asked instead, and an operator can see which it is."""
    wrong, good = servers["expired"].endpoints[0], servers["good"].endpoints[0]
    with connect(f"etcds://{wrong},{good}", cacert=made.ca) as manager:
        let_go(manager.wait_lease("one-of-two", period=10, timeout=10))
        [remark] = manager.health()
        assert wrong in remark


def test_a_client_with_a_certificate(mutual: EtcdCluster, made: Certificates) -> None:
    """mTLS: cert and key let in, and the watch and keepalive streams use them too."""
    with connect(mutual.url, cacert=made.ca, cert=made.client.cert, key=made.client.key) as manager:
        let_go(manager.wait_lease("mutual", period=10, timeout=10).keep_alive())


@pytest.mark.parametrize("pair", [None, "wrong_client"])
def test_a_client_without_one(mutual: EtcdCluster, made: Certificates, pair: str | None) -> None:
    """Or with one that the server does not trust."""
    shown: Pair | None = getattr(made, pair) if pair else None
    options: dict[str, Any] = {"cert": shown.cert, "key": shown.key} if shown else {}
    why = _refused(mutual.endpoints[0], cacert=made.ca, **options)
    assert "does it want a certificate (cert and key)?" in why


@pytest.mark.skipif("os.name != 'posix'")
def test_a_key_that_others_can_read(mutual: EtcdCluster, made: Certificates, tmp_path: Path) -> None:
    """It is used, and an operator is told."""
    key = tmp_path / "key.pem"
    key.write_bytes(made.client.key.read_bytes())
    os.chmod(key, 0o644)
    with connect(mutual.url, cacert=made.ca, cert=made.client.cert, key=key) as manager:
        [remark] = manager.health()
    assert str(key) in remark
    assert "0644" in remark


def test_a_certificate_names_the_user(mutual: EtcdCluster, made: Certificates) -> None:
    """etcd takes the certificate's common name for the user: no password is needed. Last, for it stays so."""
    mutual.ctl("user", "add", "root:root")
    mutual.ctl("user", "grant-role", "root", "root")
    mutual.ctl("user", "add", "client:any")
    mutual.ctl("user", "grant-role", "client", "root")
    mutual.ctl("auth", "enable")
    options: dict[str, Any] = {"cacert": made.ca, "cert": made.client.cert, "key": made.client.key}
    with connect(mutual.url, **options) as manager:
        lease = manager.wait_lease("named", period=10, timeout=10).keep_alive()
        assert lease.commit({"key": "value"}) > 0
        let_go(lease)
    with connect(mutual.url, user="client", password="any", **options) as manager:
        let_go(manager.wait_lease("named", period=10, timeout=20))
    with (
        connect(mutual.url, user="client", password=SECRET, **options) as manager,
        pytest.raises(AuthFailed),
    ):
        manager.acquire_lease("named")


def test_nothing_but_tls_is_ever_said(made: Certificates) -> None:
    """To a server that closes, answers plaintext, or is silent: each connection begins a handshake."""
    for answer in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", None):
        with Recorder(answer) as recorder:
            url = f"etcds://{recorder.endpoint}"
            options: dict[str, Any] = {"cacert": made.ca, "user": "me", "password": SECRET}
            with closing(open_store(url, **options)) as store:
                for _ in range(3):
                    with pytest.raises(StoreUnavailable):
                        store.open_session(10, timeout=0.5)
        said = recorder.said()
        assert said
        assert all(each.startswith(b"\x16\x03") for each in said)  # a TLS record: handshake
        assert not [each for each in said if b"PRI * HTTP/2" in each or b"s3cret" in each]
