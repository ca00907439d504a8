"""What a failed call means; above all, that what may have been applied is never said not to have been."""

from __future__ import annotations

import string

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.errors import (
    AuthFailed,
    OutcomeUnknown,
    PermissionDenied,
    SessionLost,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    ValueTooLarge,
)
from coordination.stores.etcd.failures import Failure, Kind, judge, refused_watch
from coordination.stores.etcd.methods import Effect
from tests.etcd.rpc_errors import NOT_APPLIED, PERHAPS

WRITES = [Effect.ONCE, Effect.REPEATABLE]
Case = tuple[grpc.StatusCode, str]


class Failed(grpc.RpcError):  # type: ignore[misc]  # grpc has no types
    """As grpc raises it."""

    def __init__(self, code: grpc.StatusCode, details: str | None) -> None:
        self._said = code, details

    def code(self) -> grpc.StatusCode:
        return self._said[0]

    def details(self) -> str | None:
        return self._said[1]


def judged(code: grpc.StatusCode, details: str | None) -> Failure:
    return judge(Failed(code, details), "here:2379")


@pytest.mark.parametrize("effect", WRITES)
@pytest.mark.parametrize("case", PERHAPS, ids=str)
def test_perhaps_applied(case: Case, effect: Effect) -> None:
    """Nobody can say, so the caller is told so, and which member it was."""
    failure = judged(*case)
    assert failure.kind is Kind.UNKNOWN
    assert type(failure.raised(effect)) is OutcomeUnknown
    assert "here:2379" in str(failure.raised(effect))


@pytest.mark.parametrize("case", PERHAPS, ids=str)
def test_a_read_has_no_outcome(case: Case) -> None:
    """What changes nothing may be asked again: it is only that nobody answered."""
    assert type(judged(*case).raised(Effect.NONE)) is StoreUnavailable


@pytest.mark.parametrize("effect", WRITES)
@pytest.mark.parametrize("case", NOT_APPLIED, ids=str)
def test_certainly_not_applied(case: Case, effect: Effect) -> None:
    """It is said for certain, so that the caller need not look."""
    error = judged(*case).raised(effect)
    assert isinstance(error, (StoreUnavailable, StoreRefused, SessionLost))
    assert case[1] in str(error)


NO_SENTENCE = string.digits + string.ascii_uppercase + string.punctuation
NEVER_BY_GRPC = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
}
BEFORE_THE_CALL = {
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
}
"""Of these gRPC and proxies make their own use, but only instead of passing a call on."""


@given(
    st.sampled_from(list(grpc.StatusCode)),
    st.text(string.digits + string.ascii_uppercase + string.punctuation) | st.none(),
)
def test_sentences_nobody_knows(code: grpc.StatusCode, details: str | None) -> None:
    """Whatever is said: with a code that does not settle it, a write is perhaps applied."""
    failure = judged(code, details)
    settled = code in NEVER_BY_GRPC | BEFORE_THE_CALL
    assert failure.kind is (Kind.REFUSED if settled else Kind.UNKNOWN)


@pytest.mark.parametrize(
    ("code", "details", "kind", "error"),
    [
        (grpc.StatusCode.NOT_FOUND, "etcdserver: requested lease not found", Kind.REFUSED, SessionLost),
        (grpc.StatusCode.PERMISSION_DENIED, "etcdserver: permission denied", Kind.REFUSED, PermissionDenied),
        (
            grpc.StatusCode.INVALID_ARGUMENT,
            "etcdserver: authentication failed, invalid user ID or password",
            Kind.REFUSED,
            AuthFailed,
        ),
        (grpc.StatusCode.INVALID_ARGUMENT, "etcdserver: request is too large", Kind.REFUSED, ValueTooLarge),
        (grpc.StatusCode.UNAUTHENTICATED, "etcdserver: invalid auth token", Kind.TOKEN, AuthFailed),
        (
            grpc.StatusCode.INVALID_ARGUMENT,
            "etcdserver: revision of auth store is old",
            Kind.TOKEN,
            AuthFailed,
        ),
        (grpc.StatusCode.INVALID_ARGUMENT, "etcdserver: user name is empty", Kind.TOKEN, AuthFailed),
        (grpc.StatusCode.UNAVAILABLE, "etcdserver: no leader", Kind.NO_LEADER, StoreUnavailable),
        (grpc.StatusCode.UNAVAILABLE, "failed to connect to all addresses", Kind.UNSENT, StoreUnavailable),
        (grpc.StatusCode.FAILED_PRECONDITION, "", Kind.REFUSED, StoreRefused),
    ],
)
def test_how_to_go_on(
    code: grpc.StatusCode, details: str, kind: Kind, error: type[StoreError] | type[SessionLost]
) -> None:
    """Each case has its own remedy and its own error."""
    failure = judged(code, details)
    assert failure.kind is kind
    assert type(failure.raised(Effect.ONCE)) is error


@pytest.mark.parametrize(
    ("details", "remedy"),
    [
        ("CERTIFICATE_VERIFY_FAILED: certificate has expired", "check cacert, the host name and the dates"),
        ("Hostname Verification Check failed.", "check cacert, the host name and the dates"),
        ("Peer name here is not in peer certificate", "check cacert, the host name and the dates"),
        ("Ssl handshake failed: WRONG_VERSION_NUMBER", "does it want a certificate (cert and key)?"),
        ("Unwrap failed (TSI_DATA_CORRUPTED)", "does it want a certificate (cert and key)?"),
        ("Socket closed", "does it want TLS (etcds://)?"),
    ],
)
def test_a_connection_that_fails_names_the_remedy(details: str, remedy: str) -> None:
    """It looks like an absent server, and is one that speaks otherwise."""
    failure = judged(
        grpc.StatusCode.UNAVAILABLE, f"failed to connect to all addresses; last error: {details}"
    )
    assert str(failure.raised(Effect.ONCE)).endswith(remedy)


def test_a_full_database_names_the_remedy() -> None:
    """The operator has something to do."""
    failure = judged(grpc.StatusCode.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded")
    assert "etcdctl alarm disarm" in str(failure.raised(Effect.ONCE))


def test_each_caller_gets_an_error_of_its_own() -> None:
    """An error that is raised is tied to a stack; several threads may be told of one failure."""
    failure = judged(grpc.StatusCode.PERMISSION_DENIED, "etcdserver: permission denied")
    first, second = failure.raised(Effect.ONCE), failure.raised(Effect.ONCE)
    assert first is not second
    assert (type(first), first.args) == (type(second), second.args)


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("rpc error: code = PermissionDenied desc = etcdserver: permission denied", PermissionDenied),
        ("rpc error: code = Unauthenticated desc = etcdserver: invalid auth token", AuthFailed),
        ("rpc error: code = InvalidArgument desc = etcdserver: user name is empty", AuthFailed),
        (
            "rpc error: code = InvalidArgument desc = etcdserver: revision of auth store is old",
            AuthFailed,
        ),
        ("etcdserver: mvcc: required revision has been compacted", type(None)),
        ("", type(None)),
    ],
)
def test_why_a_watch_was_refused(reason: str, error: type) -> None:
    """Watches end with a sentence and no code."""
    assert type(refused_watch(reason)) is error
