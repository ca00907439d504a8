"""The variants of the servers that ask who you are: TLS, client certificates, tokens."""

from __future__ import annotations

import http.client
import ssl
import uuid
from pathlib import Path

import pytest

from integration.servers.certificates import Certificates, Pair
from integration.servers.consul import ConsulCluster
from integration.servers.consul_acl import Acl, access_control
from integration.servers.consul_binaries import consul_binary
from integration.servers.consul_member import Refused

_RULES = 'key_prefix "mine/" { policy = "write" } session_prefix "" { policy = "write" }'


def test_with_tls_a_server_wants_the_right_ca_and_a_client_certificate(tmp_path: Path) -> None:
    """The client's certificate gets in; none, or one of another CA, does not; nor does plain HTTP."""
    its = Certificates(tmp_path / "certificates")
    config = {"verify_incoming_https": True}
    with ConsulCluster(consul_binary(), tmp_path, tls=its, config=config) as cluster:
        assert cluster.url.startswith("consuls://127.0.0.1:")
        endpoint = cluster.endpoints[0]
        assert _greeted(endpoint, its.ca, its.client) == http.client.OK
        for bad in (None, its.wrong_client):
            with pytest.raises(OSError):  # TLS 1.3 tells late, so in one of many ways
                _greeted(endpoint, its.ca, bad)
        with pytest.raises(ssl.SSLCertVerificationError):
            _greeted(endpoint, its.wrong_ca, its.client)
        plain = http.client.HTTPConnection(endpoint, timeout=5)
        plain.request("GET", "/v1/status/leader")
        assert plain.getresponse().status == http.client.BAD_REQUEST
        plain.close()


@pytest.mark.parametrize(("kind", "said"), [("wrong_name", "IP address mismatch"), ("expired", "expired")])
def test_a_bad_certificate_is_configured_instead(kind: str, said: str, tmp_path: Path) -> None:
    """What the configuration names is what the server shows."""
    its = Certificates(tmp_path / "certificates")
    bad: Pair = getattr(its, kind)
    with (
        ConsulCluster(consul_binary(), tmp_path, tls=its, config=bad.config) as cluster,
        pytest.raises(ssl.SSLCertVerificationError, match=said),
    ):
        _greeted(cluster.endpoints[0], its.ca, None)


@pytest.mark.parametrize("members", [1, 3])
def test_a_token_may_do_what_its_rules_say_until_it_is_revoked(members: int, tmp_path: Path) -> None:
    """On every member; and without a token nothing is allowed."""
    management = str(uuid.uuid4())
    with ConsulCluster(consul_binary(), tmp_path, members, config=access_control(management)) as cluster:
        acl = Acl(cluster, management)
        token = acl.token(_RULES)
        assert cluster.ask("PUT", "/v1/kv/mine/a", 1, token) is True
        assert cluster.ask("PUT", "/v1/session/create", {"TTL": "10s"}, token)["ID"]
        for path, who in (("/v1/kv/other", token), ("/v1/kv/mine/a", "")):
            with pytest.raises(Refused, match="Permission denied"):
                cluster.ask("PUT", path, 1, who)
        acl.revoke(token)
        with pytest.raises(Refused, match="ACL not found") as refused:
            cluster.leader().ask("PUT", "/v1/kv/mine/a", 1, token)
        assert refused.value.status == http.client.FORBIDDEN


def _greeted(endpoint: str, ca: Path, client: Pair | None) -> int:
    """The status that the server answers over HTTPS."""
    context = ssl.create_default_context(cafile=str(ca))
    if client is not None:
        context.load_cert_chain(client.cert, client.key)
    connection = http.client.HTTPSConnection(endpoint, timeout=5, context=context)
    try:
        connection.request("GET", "/v1/status/leader")
        return connection.getresponse().status
    finally:
        connection.close()
