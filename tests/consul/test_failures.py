"""What a failed request means; above all, that what may have been applied is never said not to have been."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.errors import (
    AuthFailed,
    ConfigurationError,
    CoordinationError,
    OutcomeUnknown,
    PermissionDenied,
    StoreRefused,
    StoreUnavailable,
    ValueTooLarge,
)
from coordination.stores.consul.failures import Failure, answered, unanswered
from coordination.stores.consul.message import Answer, Effect, Failed
from tests.consul.consul_errors import FORBIDDEN, NOT_APPLIED, PERHAPS, REFUSED, UNKNOWN_TOKEN
from tests.consul.scripted import said

WRITES = [Effect.ONCE, Effect.HARMLESS]
Case = tuple[int, str]


def judged(status: int, sentence: str, effect: Effect = Effect.ONCE) -> Failure:
    """Of an answer of the agent here:8500."""
    return answered("here:8500", said(sentence, status), effect)


@pytest.mark.parametrize("effect", WRITES)
@pytest.mark.parametrize("case", PERHAPS, ids=str)
def test_perhaps_applied(case: Case, effect: Effect) -> None:
    """Nobody can say, so the caller is told so, and which agent it was."""
    failure = judged(*case, effect)
    assert (type(failure.error), failure.applied, failure.elsewhere) == (OutcomeUnknown, True, True)
    assert "here:8500" in str(failure.error)
    assert case[1] in str(failure.error)


@pytest.mark.parametrize("case", PERHAPS, ids=str)
def test_a_read_has_no_outcome(case: Case) -> None:
    """What changes nothing may be asked again: it is only that nobody answered."""
    failure = judged(*case, Effect.NONE)
    assert (type(failure.error), failure.applied, failure.elsewhere) == (StoreUnavailable, False, True)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("case", NOT_APPLIED, ids=str)
def test_certainly_not_applied(case: Case, effect: Effect) -> None:
    """It is said for certain, so that it can be asked of another agent at once."""
    failure = judged(*case, effect)
    assert (type(failure.error), failure.applied, failure.elsewhere) == (StoreUnavailable, False, True)
    assert case[1] in str(failure.error)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Case, effect: Effect) -> None:
    """It was understood, and would be refused again."""
    failure = judged(*case, effect)
    assert (type(failure.error), failure.applied) == (StoreRefused, False)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize(
    ("cases", "error", "remedy"),
    [
        (FORBIDDEN, PermissionDenied, ""),
        (FORBIDDEN[:5], PermissionDenied, "docs/consul.md"),
        (UNKNOWN_TOKEN, AuthFailed, "give another (token, token_file)"),
        ([(413, "Request body too large")], ValueTooLarge, ""),
    ],
)
def test_who_we_are(cases: list[Case], error: type[StoreRefused], remedy: str, effect: Effect) -> None:
    """Told by sentence or status, never tried elsewhere, and with what can be done about it."""
    for case in cases:
        failure = judged(*case, effect)
        assert (type(failure.error), failure.applied, failure.elsewhere) == (error, False, False)
        assert remedy in str(failure.error)


def test_a_ttl_beyond_the_limits_names_them() -> None:
    """As 1.8.7 says it, and in the words of an operator."""
    said = "Invalid Session TTL '3000000000', must be between [10s=24h0m0s]"
    for status in (400, 500):
        error = judged(status, said).error
        assert type(error) is ConfigurationError
        assert "between 10s and 24h0m0s" in str(error)
        assert "session_ttl_min" in str(error)


def test_a_redirect_says_that_it_is_not_followed() -> None:
    """The token goes nowhere else."""
    assert "redirects are not followed" in str(judged(302, "").error)


def test_plain_http_at_a_port_for_tls() -> None:
    """Whoever forgot the s in consuls:// is told so."""
    error = judged(400, "Client sent an HTTP request to an HTTPS server.").error
    assert type(error) is StoreRefused
    assert "write consuls:// instead of consul://" in str(error)


@pytest.mark.parametrize(
    ("failed", "effect", "error"),
    [
        (Failed("refused", sent=False), Effect.ONCE, StoreUnavailable),
        (Failed("silent", sent=True), Effect.ONCE, OutcomeUnknown),
        (Failed("silent", sent=True), Effect.HARMLESS, OutcomeUnknown),
        (Failed("silent", sent=True), Effect.NONE, StoreUnavailable),
        (Failed("not trusted", sent=False, hopeless=True), Effect.ONCE, StoreRefused),
    ],
)
def test_no_answer(failed: Failed, effect: Effect, error: type[CoordinationError]) -> None:
    """What has left us whole may have been applied; what has not, has not."""
    failure = unanswered("here:8500", failed, effect)
    assert type(failure.error) is error
    assert failure.applied == (error is OutcomeUnknown)
    assert failure.elsewhere
    assert f"here:8500: {failed.reason}" in str(failure.error)


NO_SENTENCE = string.digits + string.ascii_uppercase + string.punctuation
"""No sentence that Consul says can be made of these."""


@settings(deadline=None)
@given(st.integers(200, 599), st.text(NO_SENTENCE))
def test_sentences_nobody_knows(status: int, sentence: str) -> None:
    """Whatever is said: only a status that settles it does, a write is perhaps applied with any other."""
    failure = judged(status, sentence)
    settled = 300 <= status < 500
    assert failure.applied == (not settled)
    assert isinstance(failure.error, OutcomeUnknown) == (not settled)


@settings(deadline=None)
@given(st.integers(200, 599), st.binary())
def test_any_bytes_make_a_message(status: int, body: bytes) -> None:
    """One line, printable, bounded: what a server says ends up on terminals and in logs."""
    text = str(answered("here:8500", Answer(status, 0, body), Effect.ONCE).error)
    assert text.isprintable()
    assert len(text) < 500
