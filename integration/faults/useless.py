"""Endpoints that are of no use, in many ways: what calls must come back from in time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from integration.servers.cluster import Cluster
from integration.servers.hostile import MANNERS, Hostile, refusing
from integration.servers.tcp_proxy import TcpProxy

WAYS = [*sorted(MANNERS), "refusing", "slow", "black_hole", "paused"]


@contextmanager
def useless(way: str, node: Cluster[Any]) -> Iterator[str]:
    """The endpoint; some of these ways lead to a real server, which is well again afterwards."""
    if way in MANNERS:
        with Hostile(MANNERS[way]) as hostile:
            yield hostile.endpoint
    elif way == "refusing":
        with refusing() as endpoint:
            yield endpoint
    elif way == "paused":
        node.members[0].pause()
        try:
            yield node.endpoints[0]
        finally:
            node.members[0].resume()
    else:
        with TcpProxy(node.endpoints[0]) as proxy:
            proxy.latency(5.0) if way == "slow" else proxy.black_hole()
            yield proxy.endpoint
