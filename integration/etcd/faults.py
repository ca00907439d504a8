"""Clusters of etcd that are a module's own, to be broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import ETCD, VERSIONS, etcd_binary


@contextmanager
def own_cluster(folders: pytest.TempPathFactory, members: int = 1) -> Iterator[EtcdCluster]:
    """A cluster that no other module's tests see, since it will be stopped, paused and killed."""
    version = min(ETCD.on_path(), default=VERSIONS[0])
    with EtcdCluster(etcd_binary(version), folders.mktemp("etcd"), members) as cluster:
        yield cluster
