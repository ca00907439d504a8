"""What Consul 1.8 to 1.20 can answer, as data: status, sentence, whether a write may have been applied."""

from __future__ import annotations

NOT_APPLIED = [
    (500, "No cluster leader"),
    (500, "rpc error making call: No cluster leader"),
    (500, "node is not the leader"),
    (500, "rpc error making call: node is not the leader"),
    (500, "No path to datacenter"),
    (500, "No known Consul servers"),
    (500, "leadership transfer in progress"),
    (500, "Raft leader not found in server lookup mapping"),
    (500, "rpc error making call: Not ready to serve consistent reads"),
    (429, "Your IP is issuing too many concurrent connections, please rate limit your calls"),
    (429, "rate limit exceeded, try again later or against a different server"),
    (503, "rate limit exceeded for operation that can only be performed by the leader, try again later"),
]
"""Said before anything is written: another agent may do better."""

REFUSED = [
    (400, "Missing node name"),
    (400, "Failed to parse body: invalid character 'x' looking for beginning of value"),
    (404, "page not found"),
    (405, "method PUT not allowed"),
    (301, ""),
    (307, ""),
]
"""Said before anything is written, and always again."""

PERHAPS = [
    (500, ""),
    (500, "rpc error making call: EOF"),
    (500, "rpc error making call: leadership lost while committing log"),
    (500, "rpc error making call: i/o deadline reached"),
    (500, "rpc error making call: stream closed"),
    (
        500,
        "rpc error getting client: failed to get conn: dial tcp 10.0.0.2:8300: connect: connection refused",
    ),
    (500, "timed out enqueuing operation"),
    (500, "raft is already shutdown"),
    (500, "some sentence of a later version"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
    (200, "an answer to something else"),
    (201, ""),
]
"""Said when the request may have reached the log, or by somebody who cannot know."""

FORBIDDEN = [
    (403, "Permission denied"),
    (403, "rpc error making call: Permission denied"),
    (500, "rpc error making call: Permission denied"),
    (403, "Permission denied: token with AccessorID '0' lacks permission 'key:write' on \"p/@/leases/x\""),
    (403, "Permission denied: anonymous token lacks permission 'session:write' on \"node\""),
    (403, "whatever a gateway in between may say"),
    (401, "Unauthorized"),
]

UNKNOWN_TOKEN = [
    (403, "ACL not found"),
    (403, "rpc error making call: ACL not found"),
    (500, "ACL not found"),
    (403, "token does not exist: ACL not found"),
]
