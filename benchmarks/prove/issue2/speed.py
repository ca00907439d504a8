"""What a record and a lease cost beside two transactions that grpcio sends as they are.

The floor is as low as grpcio has it: messages made beforehand, no metadata, answers not even parsed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import grpc

from benchmarks.prove.figure import Figure, none_of
from benchmarks.prove.issue2.servers import Counters, cluster, keys_of, sessions_of
from benchmarks.prove.pairs import FLOOR, VALUE, Pair, by_the_floor, lease_pair, record_pair
from coordination import connect
from coordination.record import Session
from coordination.stores.etcd import requests
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.opening import open_store
from coordination.stores.etcd.schema import LEASE
from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS
from integration.servers.tcp_proxy import TcpProxy

LIMITS = {"create + delete": 1.20, "acquire + release": 2.2}
COUNTED = 100
KEY = b"/leases/raw"
SPARE = 42


class Raw:
    """Requests of the same make and size as ours, on a channel of their own."""

    def __init__(self, endpoint: str, session: Session) -> None:
        self._channel = grpc.insecure_channel(endpoint, options=[("grpc.use_local_subchannel_pool", 1)])
        lease = requests.lease_of(session)
        self._txn = self._stub("KV/Txn")
        self._read = self._stub("KV/Range")
        self._grant = self._stub("Lease/LeaseGrant")
        self._revoke = self._stub("Lease/LeaseRevoke")
        self._create = requests.create(KEY, VALUE, lease).SerializeToString()
        removal = message("RequestOp")(request_delete_range=message("DeleteRangeRequest")(key=KEY))
        still = message("Compare")(target=LEASE, key=KEY, lease=lease)
        self._delete = message("TxnRequest")(compare=[still], success=[removal]).SerializeToString()
        self._granting = message("LeaseGrantRequest")(TTL=60, ID=SPARE).SerializeToString()
        self._create_on_it = requests.create(KEY, VALUE, SPARE).SerializeToString()
        self._reading = message("RangeRequest")(key=KEY).SerializeToString()
        self._revoking = message("LeaseRevokeRequest")(ID=SPARE).SerializeToString()

    def pair(self) -> None:
        """Two transactions: the floor."""
        self._txn(self._create, timeout=5.0)
        self._txn(self._delete, timeout=5.0)

    def four(self) -> None:
        """What an acquire and a release ask for: says how much of their cost is etcd's own."""
        self._grant(self._granting, timeout=5.0)
        self._txn(self._create_on_it, timeout=5.0)
        self._read(self._reading, timeout=5.0)
        self._revoke(self._revoking, timeout=5.0)

    def close(self) -> None:
        """Hang up."""
        self._channel.close()

    def _stub(self, path: str) -> Any:
        return self._channel.unary_unary(f"/etcdserverpb.{path}")


def counted(node: EtcdCluster, pair: Pair) -> Counter[str]:
    """What so many pairs asked the server for, by method."""
    before = Counters(node.endpoints[0]).calls()
    for _ in range(COUNTED):
        pair()
    return Counters(node.endpoints[0]).calls() - before


def operations(node: EtcdCluster, version: str) -> Iterator[Figure]:
    """Requests and connections, counted at the server and on the way to it; and what is left after."""
    with TcpProxy(node.endpoints[0]) as way, connect(f"etcd://{way.endpoint}") as manager:
        store = open_store(f"etcd://{way.endpoint}")
        session = store.open_session(60, timeout=5.0)
        pairs = {"create + delete": record_pair(store, session), "acquire + release": lease_pair(manager)}
        for pair in pairs.values():
            pair()
        opened = way.connections
        calls = {name: counted(node, pair) for name, pair in pairs.items()}
        opened = way.connections - opened
        store.close_session(session, timeout=5.0)
        store.close()
    each = calls["create + delete"].total() / COUNTED
    parts = {name: {method: n / COUNTED for method, n in found.items()} for name, found in calls.items()}
    yield Figure(
        f"etcd {version}: server operations of create + delete", "exactly 2", f"{each:g}", each == 2.0, parts
    )
    yield none_of(
        f"etcd {version}: new connections while that was done", "connections", opened, f"{2 * COUNTED} pairs"
    )
    left = sessions_of(node) + len(keys_of(node))
    yield none_of(
        f"etcd {version}: left on the server by acquire + release",
        "sessions and keys",
        left,
        f"{COUNTED} pairs",
    )


def ratios(node: EtcdCluster, version: str) -> Iterator[Figure]:
    """How much longer than the floor they take."""
    with connect(node.url) as manager:
        store = open_store(node.url)
        session = store.open_session(600, timeout=5.0)
        raw = Raw(node.endpoints[0], session)
        pairs = {
            FLOOR: raw.pair,
            "create + delete": record_pair(store, session),
            "acquire + release": lease_pair(manager),
            "raw grant, transaction, range and revoke": raw.four,
        }
        yield from by_the_floor(f"etcd {version}", pairs, LIMITS)
        raw.close()
        store.close()


def figures() -> Iterator[Figure]:
    """On each version."""
    for version in VERSIONS:
        with cluster(version=version) as node:
            yield from operations(node, version)
            yield from ratios(node, version)
