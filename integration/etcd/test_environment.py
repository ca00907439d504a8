"""Variables that lead other programs' traffic elsewhere, or write down its keys, mean nothing to us."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.etcd.recorder import Recorder
from integration.servers.certificates import Certificates
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary

pytestmark = pytest.mark.xdist_group("security")

ROOT = Path(__file__).parents[2]
PROXIES = ("http_proxy", "https_proxy", "grpc_proxy", "all_proxy")
PROGRAM = """
import sys
from coordination import connect
with connect(sys.argv[1]) as manager:
    manager.wait_lease("name", period=10, timeout=10).keep_alive().release()
print("released")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=[False, True], ids=["plaintext", "TLS"])
def url(
    request: pytest.FixtureRequest, made: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    tls = made if request.param else None
    with EtcdCluster(etcd_binary(VERSIONS[0]), tmp_path_factory.mktemp("etcd"), tls=tls) as cluster:
        yield f"{cluster.url}?cacert={made.ca}" if tls else cluster.url


def test_proxies_and_key_logs_are_not_asked(url: str, tmp_path: Path) -> None:
    """No connection goes to the proxy that they name, and the file for keys is never made."""
    with Recorder(b"HTTP/1.1 502 Bad Gateway\r\n\r\n") as recorder:
        proxy = f"http://me:s3cret@{recorder.endpoint}"
        named = dict.fromkeys(PROXIES, proxy) | {name.upper(): proxy for name in PROXIES}
        keys = tmp_path / "keys"
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, url],
            env={**os.environ, **named, "no_proxy": "", "NO_PROXY": "", "SSLKEYLOGFILE": str(keys)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ran.stdout.strip(), ran.stderr) == ("released", "")
    assert recorder.said() == []
    assert not keys.exists()
