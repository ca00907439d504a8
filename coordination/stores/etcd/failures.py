"""What a failed call means: was it applied, is the member to blame, is it our token.

etcd's own errors come as a gRPC code and a sentence; the sentences are those of etcd 3.4 and 3.5.
Whatever is not known for certain to have left the store untouched counts as perhaps applied.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import grpc

from coordination.errors import (
    AuthFailed,
    CoordinationError,
    OutcomeUnknown,
    PermissionDenied,
    SessionLost,
    StoreRefused,
    StoreUnavailable,
    ValueTooLarge,
)
from coordination.stores.etcd.methods import Effect

Code = grpc.StatusCode


class Kind(enum.Enum):
    """How to go on."""

    REFUSED = "the store said no: raise"
    TOKEN = "not applied: get a new token first"  # noqa: S105 - the name of a case
    NO_LEADER = "not applied: wait for an election, or ask another member"
    UNSENT = "not applied: ask another member"
    UNKNOWN = "perhaps applied: this member is not to be trusted with more"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call."""

    kind: Kind
    message: str
    error: CoordinationError | None = None
    silent: bool = False
    """Nothing was heard at all in the time that was given."""

    def raised(self, effect: Effect) -> CoordinationError:
        """What the caller is told in the end."""
        if self.error is not None:
            return type(self.error)(*self.error.args)  # One for each caller: raising it ties it to a stack.
        if self.kind is Kind.UNKNOWN and effect is not Effect.NONE:
            return OutcomeUnknown(self.message)
        return StoreUnavailable(self.message)


_REFUSALS: list[tuple[str, type[CoordinationError]]] = [
    ("etcdserver: requested lease not found", SessionLost),
    ("etcdserver: permission denied", PermissionDenied),
    ("etcdserver: authentication failed", AuthFailed),
    ("etcdserver: user name not found", AuthFailed),
    ("etcdserver: request is too large", ValueTooLarge),
    ("CLIENT: Sent message larger", ValueTooLarge),
]
"""Too large for gRPC: only our own end's word counts, others say the same of an answer."""

_FULL = "database space exceeded"
"""etcd says so before it applies a write, and also after: of the write that crossed the limit."""

_TOKEN = (
    "invalid auth token",
    "revision of auth store is old",
    "revision in header is old",
    "user name is empty",
)

_LEADERLESS = ("etcdserver: no leader", "raft proposal dropped")

_UNSENT = (
    "failed to connect to all addresses",
    "connections to all backends failing",
    "DNS resolution failed",
    "Name resolution failure",
    "etcdserver: too many requests",
    "etcdserver: not capable",
    "etcdserver: rpc not supported for learner",
)

_DISTRUSTED = ("CERTIFICATE_VERIFY_FAILED", "Hostname Verification", "is not in peer certificate")

_HINTS = [
    (
        ("CERTIFICATE_VERIFY_FAILED", "certificate", "Hostname Verification"),
        "its certificate is not accepted: check cacert, the host name and the dates",
    ),
    (
        ("handshake", "Handshake", "WRONG_VERSION_NUMBER", "Unwrap failed"),
        "TLS failed: does it speak TLS (else write etcd://), does it want a certificate (cert and key)?",
    ),
    (
        ("Socket closed", "onnection reset", "Broken pipe"),
        "it ended the connection: is it etcd, and does it want TLS (etcds://)?",
    ),
]
"""What may be behind a connection that does not come about: it looks like an absent server and is none."""

_ANSWERED = {
    Code.INVALID_ARGUMENT,
    Code.NOT_FOUND,
    Code.ALREADY_EXISTS,
    Code.FAILED_PRECONDITION,
    Code.OUT_OF_RANGE,
    Code.UNIMPLEMENTED,
}
"""Codes that only a server that did not apply the request gives."""


_BY_CODE = {Code.UNAUTHENTICATED: AuthFailed, Code.PERMISSION_DENIED: PermissionDenied}


def judge(error: grpc.RpcError, endpoint: str) -> Failure:
    """What the failure of a call to `endpoint` means."""
    code, details = error.code(), str(error.details() or "")
    message = f"etcd at {endpoint}: {details or code.name.lower()}"
    if any(text in details for text in _TOKEN):
        return Failure(Kind.TOKEN, message, AuthFailed(message))
    if any(text in details for text in _LEADERLESS):
        return Failure(Kind.NO_LEADER, message)
    if any(text in details for text in _UNSENT):
        message = f"{message}{_hint(details)}"
        # Other members may be asked, but who waits for this one to get better waits for ever.
        refusal = StoreRefused(message) if any(text in details for text in _DISTRUSTED) else None
        return Failure(Kind.UNSENT, message, refusal)
    for text, kind in _REFUSALS:
        if text in details:
            return Failure(Kind.REFUSED, message, kind(message))
    if code in _BY_CODE:
        return Failure(Kind.REFUSED, message, _BY_CODE[code](message))
    if code in _ANSWERED:
        return Failure(Kind.REFUSED, message, StoreRefused(message))
    if _FULL in details:
        message += "; free space on the cluster: compact, defragment, `etcdctl alarm disarm`"
    if code is Code.DEADLINE_EXCEEDED:
        message = f"etcd at {endpoint}: no answer in time"
    return Failure(Kind.UNKNOWN, message, silent=code is Code.DEADLINE_EXCEEDED)


def refused_watch(reason: str) -> StoreRefused | None:
    """What etcd's reason for ending a watch means; None if it is none of whom it lets in."""
    message = f"etcd refused a watch: {reason}"
    if any(text in reason for text in _TOKEN):
        return AuthFailed(f"{message}; give user and password")
    return PermissionDenied(message) if "permission denied" in reason else None


def _hint(details: str) -> str:
    for signs, hint in _HINTS:
        if any(sign in details for sign in signs):
            return f"; {hint}"
    return ""
