"""How etcd's members are addressed: in a URL, and in etcdctl's environment."""

from __future__ import annotations

from coordination.addresses import Addressing

ENDPOINTS = Addressing(
    scheme="etcd",
    port=2379,
    one="endpoint",
    several="several members",
    variable="ETCDCTL_ENDPOINTS",
    theirs="what etcdctl takes",
    account="a user goes into ETCDCTL_USER",
    marks=", and in a user or password /, ?, #, [ and @ percent-encoded",
)
