"""Whether we may read at all: of what an ACL token may not read, Consul says that it is not there."""

from __future__ import annotations

from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.keys import path_of
from coordination.stores.consul.message import Answer, Request


def demand_readable(cluster: Cluster, stored: str, timeout: float) -> int:
    """Raise `PermissionDenied` if we may not read this key, or one below this folder; linearizably.

    Asked for one key by its path, Consul tells a missing key from one that may not be read. Answers the
    index past which lies whatever befalls the key from now on, and its creation if it has just come.
    """
    key = f"{stored}x" if stored.endswith("/") else stored
    look = Request("GET", path_of(key), "consistent")
    return cluster.ask(look, _before, timeout, (200, 404))


def _before(answer: Answer) -> int:
    return answer.index if answer.status == 404 else answer.index - 1
