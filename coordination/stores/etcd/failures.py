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

    def raised(self, effect: Effect) -> CoordinationError:
        """What the caller is told in the end."""
        if self.error is not None:
            return self.error
        if self.kind is Kind.UNKNOWN and effect is not Effect.NONE:
            return OutcomeUnknown(self.message)
        return StoreUnavailable(self.message)


_REFUSALS: list[tuple[str, type[CoordinationError]]] = [
    ("requested lease not found", SessionLost),
    ("permission denied", PermissionDenied),
    ("authentication failed", AuthFailed),
    ("user name not found", AuthFailed),
    ("invalid user", AuthFailed),
    ("request is too large", ValueTooLarge),
    ("trying to send message larger", ValueTooLarge),
    ("Sent message larger", ValueTooLarge),
]

_REMEDIES = {
    "database space exceeded": "free space on the cluster: compact, defragment, `etcdctl alarm disarm`",
}

_TOKEN = ("invalid auth token", "revision of auth store is old", "user name is empty")

_UNSENT = (
    "failed to connect to all addresses",
    "connections to all backends failing",
    "DNS resolution failed",
    "Name resolution failure",
    "etcdserver: too many requests",
    "etcdserver: not capable",
    "etcdserver: rpc not supported for learner",
)

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
    if "etcdserver: no leader" in details:
        return Failure(Kind.NO_LEADER, message)
    if any(text in details for text in _UNSENT):
        return Failure(Kind.UNSENT, _explained(message, details))
    for text, kind in _REFUSALS:
        if text in details:
            return Failure(Kind.REFUSED, message, kind(f"{message}{_remedy(details)}"))
    if code in _BY_CODE:
        return Failure(Kind.REFUSED, message, _BY_CODE[code](message))
    if code in _ANSWERED or "database space exceeded" in details:
        return Failure(Kind.REFUSED, message, StoreRefused(f"{message}{_remedy(details)}"))
    if code is Code.DEADLINE_EXCEEDED:
        message = f"etcd at {endpoint}: no answer in time"
    return Failure(Kind.UNKNOWN, message)


def _remedy(details: str) -> str:
    return "".join(f"; {remedy}" for text, remedy in _REMEDIES.items() if text in details)


def _explained(message: str, details: str) -> str:
    """A failed handshake is the one thing that looks like an absent server and is not."""
    if "CERTIFICATE_VERIFY_FAILED" in details or "certificate" in details.lower():
        return f"{message}; its certificate is not accepted: check cacert, the host name and the dates"
    if "WRONG_VERSION_NUMBER" in details or "Ssl handshake" in details or "handshake" in details.lower():
        return f"{message}; the TLS handshake failed: does it speak TLS, does it want cert and key?"
    return message
