"""What a failed request means: was it applied, is the agent to blame, are we let in.

Consul's errors come as a status and a sentence; the sentences are those of Consul 1.8 to 1.20.
Whatever is not known for certain to have left the store untouched counts as perhaps applied.
"""

from __future__ import annotations

import re

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
from coordination.stores.consul.message import Answer, Effect, Failed, TooMuch

_NOT_APPLIED = (
    "No cluster leader",
    "not the leader",
    "No path to datacenter",
    "Missing node registration",
    "No known Consul servers",
    "leadership transfer in progress",
    "Raft leader not found",
    "Not ready to serve consistent reads",
    "rate limit exceeded",
)
"""Of a 500: said before anything was written."""

_FORBIDDEN = ("Permission denied", "lacks permission")
_UNKNOWN_TOKEN = ("ACL not found", "token does not exist", "token expired")


class AnswerTooLarge(StoreRefused):
    """An answer to a read that is longer than we take at once."""


class LongAnswer(OutcomeUnknown):
    """An answer to a write that is longer than we take: it was applied, or whoever answers lies."""


class Failure(Exception):
    """`error` tells the caller; `elsewhere`: another agent may do better; `applied`: perhaps it was."""

    late = False
    """It was a matter of time."""

    def __init__(self, error: CoordinationError, *, elsewhere: bool = True, applied: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.elsewhere = elsewhere
        self.applied = applied


def unanswered(agent: str, failed: Failed, effect: Effect) -> Failure:
    """No answer came, or none that makes sense."""
    text = f"Consul at {agent}: {failed.reason}"
    if isinstance(failed, TooMuch) and effect is Effect.NONE:
        return Failure(AnswerTooLarge(text), elsewhere=False)
    if isinstance(failed, TooMuch):
        return Failure(LongAnswer(text), applied=True)
    if failed.hopeless:
        return Failure(StoreRefused(text))
    failure = _doubt(text, effect) if failed.sent else Failure(StoreUnavailable(text))
    failure.late = failed.late
    return failure


def answered(agent: str, answer: Answer, effect: Effect) -> Failure:
    """An answer whose status means a failure."""
    status, said = answer.status, answer.text
    text = f"Consul at {agent} answers {status}: {said}"
    refusal = refused(said, text)
    if refusal is not None:
        return Failure(refusal, elsewhere=False)
    if status in (401, 403):
        return Failure(PermissionDenied(text), elsewhere=False)
    if status == 413:
        return Failure(ValueTooLarge(text), elsewhere=False)
    if 300 <= status < 400:
        return Failure(StoreRefused(f"{text}; redirects are not followed, the token goes nowhere else"))
    if status == 429 or any(sign in said for sign in _NOT_APPLIED):
        return Failure(StoreUnavailable(text + _hint(said)))
    if 400 <= status < 500:
        return Failure(StoreRefused(text + _hint(said)))
    return _doubt(text, effect)


def refused(said: str, text: str) -> CoordinationError | None:
    """What Consul says of who we are or of what we ask for, wherever it says so; None if it does not."""
    if any(sign in said for sign in _UNKNOWN_TOKEN):
        return AuthFailed(f"{text}; the ACL token is unknown or revoked: give another (token, token_file)")
    if any(sign in said for sign in _FORBIDDEN):
        return PermissionDenied(f"{text}; docs/consul.md has the policy that the ACL token needs")
    limits = re.search(r"Invalid Session TTL.*between \[(\S+)=(\S+)\]", said)
    if limits is None:
        return None
    return ConfigurationError(
        f"the period must be between {limits[1]} and {limits[2]} on this Consul "
        "(session_ttl_min of its servers sets the lower limit)"
    )


def _doubt(text: str, effect: Effect) -> Failure:
    if effect is Effect.NONE:
        return Failure(StoreUnavailable(text))
    return Failure(OutcomeUnknown(text), applied=True)


def _hint(said: str) -> str:
    if "HTTP request to an HTTPS server" in said:
        return "; write consuls:// instead of consul://"
    return "; is dc right?" if "No path to datacenter" in said else ""
