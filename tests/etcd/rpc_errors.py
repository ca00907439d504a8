"""What etcd 3.4 and 3.5 can answer, as data: sentences, and whether a write may have been applied."""

from __future__ import annotations

import grpc

Code = grpc.StatusCode

NOT_APPLIED = [
    (Code.INVALID_ARGUMENT, "etcdserver: key is not provided"),
    (Code.INVALID_ARGUMENT, "etcdserver: key not found"),
    (Code.INVALID_ARGUMENT, "etcdserver: value is provided"),
    (Code.INVALID_ARGUMENT, "etcdserver: lease is provided"),
    (Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
    (Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
    (Code.INVALID_ARGUMENT, "etcdserver: request is too large"),
    (Code.INVALID_ARGUMENT, "etcdserver: user name is empty"),
    (Code.INVALID_ARGUMENT, "etcdserver: authentication failed, invalid user ID or password"),
    (Code.INVALID_ARGUMENT, "etcdserver: invalid auth management"),
    (Code.INVALID_ARGUMENT, "etcdserver: revision of auth store is old"),
    (Code.UNKNOWN, "auth: revision in header is old"),
    (Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
    (Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
    (Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
    (Code.NOT_FOUND, "etcdserver: requested lease not found"),
    (Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
    (Code.FAILED_PRECONDITION, "etcdserver: user name not found"),
    (Code.FAILED_PRECONDITION, "etcdserver: authentication is not enabled"),
    (Code.PERMISSION_DENIED, "etcdserver: permission denied"),
    (Code.UNAUTHENTICATED, "etcdserver: invalid auth token"),
    (Code.UNAVAILABLE, "etcdserver: no leader"),
    (Code.UNAVAILABLE, "etcdserver: not capable"),
    (Code.UNAVAILABLE, "etcdserver: rpc not supported for learner"),
    (Code.RESOURCE_EXHAUSTED, "etcdserver: too many requests"),
    (Code.UNKNOWN, "etcdserver: too many requests"),
    (Code.UNKNOWN, "raft proposal dropped"),
    (Code.UNIMPLEMENTED, "unknown service etcdserverpb.KV"),
    (Code.RESOURCE_EXHAUSTED, "CLIENT: Sent message larger than max (9 vs. 5)"),
    (Code.UNAVAILABLE, "failed to connect to all addresses; last error: UNKNOWN: Connection refused"),
    (Code.UNAVAILABLE, "DNS resolution failed for nowhere:2379"),
]
"""Said before anything is proposed, or by the state machine that then leaves the store as it was."""

PERHAPS = [
    # A write that crosses the quota is applied, and then answered with this error.
    (Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
    (Code.UNAVAILABLE, "etcdserver: leader changed"),
    (Code.UNAVAILABLE, "etcdserver: server stopped"),
    (Code.UNAVAILABLE, "etcdserver: request timed out"),
    (Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to previous leader failure"),
    (Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to connection lost"),
    (Code.UNAVAILABLE, "etcdserver: request timed out, waiting for the applied index took too long"),
    (Code.UNAVAILABLE, "etcdserver: unhealthy cluster"),
    (Code.DATA_LOSS, "etcdserver: corrupt cluster"),
    (Code.UNKNOWN, "context deadline exceeded"),
    (Code.UNKNOWN, "context canceled"),
    (Code.UNKNOWN, "some sentence of a later version"),
    (Code.UNKNOWN, ""),
    (Code.CANCELLED, "Channel closed!"),
    (Code.CANCELLED, "context canceled"),
    (Code.DEADLINE_EXCEEDED, "Deadline Exceeded"),
    (Code.DEADLINE_EXCEEDED, "context deadline exceeded"),
    (Code.UNAVAILABLE, "Socket closed"),
    (Code.UNAVAILABLE, "recvmsg:Connection reset by peer"),
    (Code.UNAVAILABLE, "transport is closing"),
    (Code.UNAVAILABLE, "Received http2 header with status: 502"),
    (Code.UNAVAILABLE, "GOAWAY received"),
    (Code.UNAVAILABLE, "keepalive watchdog timeout"),
    (Code.INTERNAL, "stream terminated by RST_STREAM"),
    (Code.ABORTED, ""),
    # The answer was too large, for us or for a proxy in between.
    (Code.RESOURCE_EXHAUSTED, "CLIENT: Received message larger than max (9 vs. 5)"),
    (Code.RESOURCE_EXHAUSTED, "grpc: received message larger than max (9 vs. 5)"),
    (Code.RESOURCE_EXHAUSTED, "grpc: trying to send message larger than max (9 vs. 5)"),
    (Code.RESOURCE_EXHAUSTED, "SERVER: Sent message larger than max (9 vs. 5)"),
]
"""Said when the request may have reached the cluster's log, or by somebody who cannot know."""
