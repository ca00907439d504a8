"""From errors to exit codes, messages and remedies: the one place that decides them."""

from __future__ import annotations

import json

from coordination.errors import (
    AcquireTimeout,
    AuthFailed,
    ConfigurationError,
    CoordinationError,
    LeaseCorrupt,
    LeaseLost,
    OutcomeUnknown,
    PermissionDenied,
    StoreError,
    StoreUnavailable,
)

NOTHING = 1
"""Nobody or nothing was found that the command is about; `health` found something; the demo failed."""
USAGE = 2
NOT_ACQUIRED = 120
LOST = 121
UNREACHABLE = 122
INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

_RULES: tuple[tuple[type[CoordinationError], int, str], ...] = (
    (ConfigurationError, USAGE, "see --help"),
    (
        AcquireTimeout,
        NOT_ACQUIRED,
        "`coordination get`, `holders` for a lock or `elect --show` shows who has it now",
    ),
    (LeaseLost, LOST, "stop what depends on it, and acquire it again; an old or wrong secret never works"),
    (
        LeaseCorrupt,
        UNREACHABLE,
        "look at the record; it may be taken over once it stayed as it is for a period",
    ),
    (
        OutcomeUnknown,
        UNREACHABLE,
        "it may have happened: look with `coordination get` or `holders` before you repeat it",
    ),
    (StoreUnavailable, UNREACHABLE, "check that the store is up, and --store or COORDINATION_URL"),
    (PermissionDenied, UNREACHABLE, "check the rights of this user on the store"),
    (AuthFailed, UNREACHABLE, "check the credentials in --store or COORDINATION_URL"),
    (StoreError, UNREACHABLE, "the store said no; a retry will not help"),
)
"""The first that fits holds."""


def exit_code(error: CoordinationError) -> int:
    """What the command ends with."""
    return _rule(error)[0]


def as_text(error: CoordinationError) -> str:
    """For people: what happened, and what to do."""
    _, remedy = _rule(error)
    return f"coordination: {error}" + (f" ({remedy})" if remedy else "")


def as_json(error: CoordinationError) -> str:
    """For programs: one object on one line."""
    code, remedy = _rule(error)
    fields = {"error": type(error).__name__, "message": str(error), "remedy": remedy, "exit_code": code}
    if isinstance(error, LeaseLost):
        fields["reason"] = error.reason
    return json.dumps(fields)


def usage_as_json(message: str) -> str:
    """A command line that makes no sense, for programs."""
    fields = {"error": "UsageError", "message": message, "remedy": "see --help", "exit_code": USAGE}
    return json.dumps(fields)


def _rule(error: CoordinationError) -> tuple[int, str]:
    fitting = ((code, remedy) for kind, code, remedy in _RULES if isinstance(error, kind))
    return next(fitting, (NOTHING, ""))
