"""Whether we may read at all: of what an ACL token may not read, Consul says that it is not there."""

from __future__ import annotations

from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.keys import path_of
from coordination.stores.consul.message import Request


def demand_readable(cluster: Cluster, stored: str, timeout: float) -> None:
    """Raise `PermissionDenied` if we may not read this key, or one below this folder; linearizably.

    Asked for one key by its path, Consul tells a missing key from one that may not be read.
    """
    key = f"{stored}x" if stored.endswith("/") else stored
    look = Request("GET", path_of(key), "consistent")
    cluster.ask(look, lambda answer: answer.status, timeout, (200, 404))
