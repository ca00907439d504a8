"""Servers in containers, for tests of programs that use this library: etcd and Consul.

    with EtcdContainer() as etcd, coordination.connect(etcd.url) as manager:
        ...

They are containers of testcontainers, used like its others. That needs
`pip install 'coordination[testing]'` and a docker engine that `docker info` reaches. This package
imports testcontainers, so nothing else of the kit imports it before it is used.
"""

from coordination.testing.containers.common import ContainerFailed
from coordination.testing.containers.consul import ConsulContainer
from coordination.testing.containers.etcd import EtcdContainer

__all__ = ["ConsulContainer", "ContainerFailed", "EtcdContainer"]
