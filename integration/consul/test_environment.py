"""Variables that lead other programs' traffic elsewhere, or write down its keys, mean nothing to us."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.faults.environment import unmoved
from integration.servers.certificates import Certificates
from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary

pytestmark = pytest.mark.xdist_group("consul-security")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=[False, True], ids=["plaintext", "TLS"])
def url(
    request: pytest.FixtureRequest, made: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    tls = made if request.param else None
    with ConsulCluster(consul_binary(), tmp_path_factory.mktemp("consul"), tls=tls) as cluster:
        yield f"{cluster.url}?cacert={made.ca}" if tls else cluster.url


def test_proxies_key_logs_and_netrc_are_not_asked(url: str, tmp_path: Path) -> None:
    """No connection goes to the proxy named, keys are not written down, nor passwords or CAs taken."""
    unmoved(url, tmp_path)
