"""A client of Consul that is brought: same agent, token and TLS, and it is left as it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coordination import connect
from integration.clients.environments import OLD_PYTHON_CONSUL, PY_CONSUL, PYTHON_CONSUL, ROOT, Environment
from integration.servers.certificates import Certificates
from integration.servers.consul import ConsulCluster
from integration.servers.consul_acl import Acl

pytestmark = pytest.mark.timeout(500)  # the first time, pip has to fetch what the programs need

EXAMPLE = ROOT / "examples/bring_your_consul_client.py"
CLIENTS = {
    "python-consul": PYTHON_CONSUL,
    "python-consul on the oldest": OLD_PYTHON_CONSUL,
    "py-consul": PY_CONSUL,
}
MAY = 'key_prefix "shop/" { policy = "write" } session_prefix "" { policy = "write" }'


@pytest.fixture(params=CLIENTS)
def library(request: pytest.FixtureRequest) -> Environment:
    """Each library; the older one also beside the oldest urllib3 that is promised."""
    return CLIENTS[request.param]


def test_both_at_once(consul: ConsulCluster, library: Environment) -> None:
    """Each sees what the other one writes, and the client goes on after our manager was closed."""
    printed = library.run("consul_client.py", *consul.endpoints[0].split(":"), library.name)
    assert printed == "both\n"


def test_the_example(consul: ConsulCluster, library: Environment) -> None:
    """It writes its report under the lease, and leaves at once while another machine has that."""
    where = consul.endpoints[0].split(":")
    printed = library.run(str(EXAMPLE), *where)
    assert re.fullmatch(r"written under token \d+\nSales of 127.0.0.1\n", printed), printed
    with connect(f"{consul.url}/shop", namespace="night") as manager:
        lease = manager.acquire_lease("nightly-report", period=60)
        assert lease is not None
        assert library.run(str(EXAMPLE), *where) == "another machine does it tonight\n"
        assert lease.release()


def test_its_tls_is_ours(
    consul_secured: ConsulCluster, library: Environment, certificates: Certificates, tmp_path: Path
) -> None:
    """Its CA and its certificate serve; where they do not, the error says why, or what to give."""
    pair, both = certificates.client, tmp_path / "both.pem"
    both.write_bytes(pair.cert.read_bytes() + pair.key.read_bytes())
    both.chmod(0o600)
    host, _, port = consul_secured.endpoints[0].rpartition(":")
    printed = library.run(
        "consul_secured.py", host, port, certificates.ca, pair.cert, pair.key, certificates.wrong_ca, both
    )
    lines = dict(line.split(":", 1) for line in printed.splitlines())
    assert [lines[way].strip() for way in ("pair", "one file", "given")] == ["", "", ""]
    for way in ("wrong", "public", "none"):
        assert lines[way].startswith(" StoreRefused "), lines[way]
        assert "certificate" in lines[way]
    assert "ConfigurationError" in lines["unverified"]
    assert "connect() cacert" in lines["unverified"]


def test_its_token_is_ours(
    consul_guarded: tuple[ConsulCluster, Acl], library: Environment, tmp_path: Path
) -> None:
    """Its rights are ours; a token given to connect() takes its place."""
    cluster, acl = consul_guarded
    token, file = acl.token(MAY), tmp_path / "token"
    file.write_text(f"{token}\n")
    where = cluster.endpoints[0].split(":")
    assert library.run("consul_token.py", *where, token, file) == "let in\n"
