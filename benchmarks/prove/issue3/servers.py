"""The servers that are measured: started here, on real disks."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from integration.servers.consul import ConsulCluster
from integration.servers.consul_binaries import consul_binary

AS_SHIPPED: Mapping[str, object] = MappingProxyType(
    {"session_ttl_min": "10s", "autopilot": {"cleanup_dead_servers": True}}
)
"""What a Consul has that nobody has configured: the least ttl, and so the period of whoever wants to be
quick; and dead servers are cleaned up, with the sessions made through them, where enough others are left."""


@contextmanager
def cluster(members: int = 1) -> Iterator[ConsulCluster]:
    """A cluster for the length of a block, its limits as Consul ships them."""
    with (
        tempfile.TemporaryDirectory(prefix="consul-") as folder,
        ConsulCluster(consul_binary(), Path(folder), members, config=AS_SHIPPED) as started,
    ):
        yield started
