"""From errors to exit codes, messages and remedies: the one place that decides them."""

from __future__ import annotations

import json

from coordination.errors import (
    AcquireTimeout,
    AuthFailed,
    ConfigurationError,
    CoordinationError,
    DuplicateMember,
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
    (AcquireTimeout, NOT_ACQUIRED, "`coordination {}` shows who has it now"),
    (DuplicateMember, NOT_ACQUIRED, "give each process a --machine-id of its own"),
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
    (
        AuthFailed,
        UNREACHABLE,
        "check the credentials in --store, COORDINATION_URL or the variables of the store's own command",
    ),
    (StoreError, UNREACHABLE, "the store said no; a retry will not help"),
)
"""The first that fits holds. A remedy's gap is for the command that looks at what the failed one wanted."""

_LOOKS = {"lock": "holders", "break": "holders", "elect": "elect --show"}
"""And `get` for those that want a lease."""


def exit_code(error: CoordinationError) -> int:
    """What the command ends with."""
    return _rule(error)[0]


def as_text(error: CoordinationError, command: str = "") -> str:
    """For people: what happened, and what to do; `command` is the one that failed."""
    remedy = _remedy(error, command)
    return f"coordination: {error}" + (f" ({remedy})" if remedy else "")


def as_json(error: CoordinationError, command: str = "") -> str:
    """For programs: one object on one line."""
    fields = {
        "error": type(error).__name__,
        "message": str(error),
        "remedy": _remedy(error, command),
        "exit_code": exit_code(error),
    }
    if isinstance(error, LeaseLost):
        fields["reason"] = error.reason
    return json.dumps(fields)


def usage_as_json(message: str) -> str:
    """A command line that makes no sense, for programs."""
    fields = {"error": "UsageError", "message": message, "remedy": "see --help", "exit_code": USAGE}
    return json.dumps(fields)


def _remedy(error: CoordinationError, command: str) -> str:
    return _rule(error)[1].format(_LOOKS.get(command, "get"))


def _rule(error: CoordinationError) -> tuple[int, str]:
    fitting = ((code, remedy) for kind, code, remedy in _RULES if isinstance(error, kind))
    return next(fitting, (NOTHING, ""))
