"""The servers of these tests; the programs that use them run in environments of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from integration.etcd.faults import own_cluster
from integration.servers.certificates import Certificates
from integration.servers.consul import ConsulCluster
from integration.servers.consul_acl import Acl, access_control
from integration.servers.consul_binaries import consul_binary
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import ETCD, VERSIONS, etcd_binary


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
    version = min(ETCD.on_path(), default=VERSIONS[0])
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


@pytest.fixture(scope="session")
def consul(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsulCluster]:
    """One server, plain."""
    with ConsulCluster(consul_binary(), tmp_path_factory.mktemp("consul")) as one:
        yield one


@pytest.fixture(scope="session")
def consul_secured(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[ConsulCluster]:
    """One server that asks its clients for a certificate."""
    folder, config = tmp_path_factory.mktemp("consul"), {"verify_incoming_https": True}
    with ConsulCluster(consul_binary(), folder, config=config, tls=certificates) as one:
        yield one


@pytest.fixture(scope="session")
def consul_guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ConsulCluster, Acl]]:
    """One server that lets nobody do anything without a token, and who makes these."""
    management = str(uuid.uuid4())
    config = access_control(management)
    with ConsulCluster(consul_binary(), tmp_path_factory.mktemp("consul"), config=config) as one:
        yield one, Acl(one, management)
