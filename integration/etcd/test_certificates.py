"""The certificates of the tests: the good ones let in, and each bad one is bad in its own way alone."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from integration.servers.certificates import Certificates
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import etcd_binary

_SAID = {
    "wrong_name": "IP address mismatch",
    "expired": "certificate has expired",
    "wrong_ca": "unable to get local issuer",
}


def test_with_tls_a_server_wants_the_right_ca_and_a_client_certificate(tmp_path: Path) -> None:
    """etcdctl gets in with the client's certificate, and not with one of another CA."""
    certificates = Certificates(tmp_path / "certificates")
    flags = ["--client-cert-auth"]
    with EtcdCluster(etcd_binary("3.5"), tmp_path, tls=certificates, flags=flags) as cluster:
        assert cluster.url.startswith("etcds://127.0.0.1:")
        assert cluster.ctl("put", "a", "b").strip() == "OK"
        bad = certificates.wrong_client.client_flags
        refused = cluster.ctl("--dial-timeout=1s", "--command-timeout=1s", *bad, "get", "a", check=False)
        assert "Error" in refused


@pytest.mark.parametrize("kind", _SAID)
def test_a_bad_certificate_is_bad_in_just_that_way(kind: str, tmp_path: Path) -> None:
    """Each is refused by a client that checks; and the good one of the same server is not."""
    certificates = Certificates(tmp_path / "certificates")
    ca = certificates.wrong_ca if kind == "wrong_ca" else certificates.ca
    flags = [] if kind == "wrong_ca" else getattr(certificates, kind).flags
    with EtcdCluster(etcd_binary("3.5"), tmp_path, tls=certificates, flags=flags) as cluster:
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            _greet(cluster.members[0].client_port, ca)
        assert {
            "wrong_name": "IP address mismatch",
            "expired": "expired",
            "wrong_ca": "unable to get local issuer",
        }[kind] in str(refused.value)
    with EtcdCluster(etcd_binary("3.5"), tmp_path / "good", tls=certificates) as cluster:
        _greet(cluster.members[0].client_port, certificates.ca)


def _greet(port: int, ca: Path) -> None:
    context = ssl.create_default_context(cafile=str(ca))
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        context.wrap_socket(plain, server_hostname="127.0.0.1").close()
