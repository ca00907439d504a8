"""The etcds of these tests; the programs that use them run in environments of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration.etcd.faults import own_cluster
from integration.servers.certificates import Certificates
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary, on_path


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """One node, plain."""
    with own_cluster(tmp_path_factory) as one:
        yield one


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Those of the secured node, of its clients, and a wrong CA."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[EtcdCluster]:
    """One node that asks its clients for a certificate."""
    version = min(on_path(), default=VERSIONS[0])
    folder, flags = tmp_path_factory.mktemp("etcd"), ["--client-cert-auth"]
    with EtcdCluster(etcd_binary(version), folder, flags=flags, tls=certificates) as one:
        yield one


@pytest.fixture
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """One node of which the user `shop`, password `secret`, may use what is below shop/."""
    with own_cluster(tmp_path_factory) as one:
        for words in (
            "user add root:root",
            "user grant-role root root",
            "role add shop",
            "role grant-permission shop --prefix=true readwrite shop/",
            "user add shop:secret",
            "user grant-role shop shop",
            "auth enable",
        ):
            one.ctl(*words.split())
        yield one
