"""The calls of etcd's services that we make, and what a lost answer to each means."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Effect(enum.Enum):
    """What doing it twice would do."""

    NONE = "reads"
    REPEATABLE = "the same again"
    ONCE = "something else"


@dataclass(frozen=True, slots=True)
class Method:
    """One call: its path on the wire, and its messages in `schema.py`."""

    path: str
    request: str
    response: str
    effect: Effect = Effect.NONE
    ordered: bool = False
    """Whether answers are linearizable, so that the revision in them never goes back."""


RANGE = Method("/etcdserverpb.KV/Range", "RangeRequest", "RangeResponse", ordered=True)
TXN = Method("/etcdserverpb.KV/Txn", "TxnRequest", "TxnResponse", Effect.ONCE, ordered=True)
# The same call for transactions that write nothing: another member may be asked again.
LOOK = Method(TXN.path, TXN.request, TXN.response, ordered=True)
# A grant names its own lease id, so that a second one is told "exists" rather than given another lease.
GRANT = Method("/etcdserverpb.Lease/LeaseGrant", "LeaseGrantRequest", "LeaseGrantResponse", Effect.REPEATABLE)
REVOKE = Method(
    "/etcdserverpb.Lease/LeaseRevoke", "LeaseRevokeRequest", "LeaseRevokeResponse", Effect.REPEATABLE
)
TIME_TO_LIVE = Method(
    "/etcdserverpb.Lease/LeaseTimeToLive", "LeaseTimeToLiveRequest", "LeaseTimeToLiveResponse"
)
STATUS = Method("/etcdserverpb.Maintenance/Status", "StatusRequest", "StatusResponse")
AUTHENTICATE = Method("/etcdserverpb.Auth/Authenticate", "AuthenticateRequest", "AuthenticateResponse")

KEEP_ALIVE = Method("/etcdserverpb.Lease/LeaseKeepAlive", "LeaseKeepAliveRequest", "LeaseKeepAliveResponse")
WATCH = Method("/etcdserverpb.Watch/Watch", "WatchRequest", "WatchResponse")
