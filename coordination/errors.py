"""Every exception the library raises on purpose: one tree, rooted at `CoordinationError`.

The tree keeps three answers apart that other libraries blur: it is lost (`LeaseLost`), it was not
applied (`StoreUnavailable`, `StoreRefused`), and nobody can say (`OutcomeUnknown`).
Losing a race is not an error: those calls return None.
"""

from __future__ import annotations


class CoordinationError(Exception):
    """The root of all errors of this library."""


class ConfigurationError(CoordinationError, ValueError):
    """An argument, name, period, option or URL that can never work; raised before any I/O."""


class AcquireTimeout(CoordinationError, TimeoutError):
    """A waiting verb reached its `timeout` without getting what it waited for."""


class LeaseLost(CoordinationError):
    """The lease is not ours any more.

    `reason` is one of `expired stolen broken deleted revoked stalled forked closed`, or
    `released` when a call came after our own release, or `view` for a handle that never held it.
    """

    def __init__(self, message: str, *, reason: str = "expired") -> None:
        super().__init__(message)
        self.reason = reason


class SessionLost(LeaseLost):
    """A store was asked to hang a record on a session that is already dead."""


class StaleToken(CoordinationError):
    """A fence refused a token: a newer grant has been at the resource. `highest` is what it has seen."""

    def __init__(self, message: str, *, highest: int = 0) -> None:
        super().__init__(message)
        self.highest = highest


class DuplicateMember(CoordinationError):
    """Another process is a member under the same machine id; `holder` is the `Member`, if known.

    `alive`: whether it answered; if not, its record may be that of a dead one and go by itself.
    """

    def __init__(self, message: str, *, holder: object = None, alive: bool = True) -> None:
        super().__init__(message)
        self.holder = holder
        self.alive = alive


class LeaseCorrupt(CoordinationError):
    """The stored record cannot be read as a lease; who holds it is unknown."""


class CallbackError(CoordinationError):
    """Wraps what the user's own callback raised, so that it never looks like an error of ours."""


class RenewError(CoordinationError):
    """Why guarded work was cut off: its lease could not be renewed."""


class ActionAlreadyRequested(CoordinationError):
    """The scheduler already has an action under way."""


class NothingScheduled(CoordinationError):
    """`done` was called although nothing was scheduled."""


class StoreError(CoordinationError):
    """The store did not do what it was asked to."""


class StoreUnavailable(StoreError):
    """The store could not be reached in time; the request was certainly not applied."""


class OutcomeUnknown(StoreError):
    """The answer got lost; the request may or may not have been applied."""


class StoreRefused(StoreError):
    """The store understood and said no; the request was not applied and a retry will not help."""


class StoreReplaced(StoreRefused):
    """The store is not the one it was, or went back to an earlier state: no lease of before counts."""


class PermissionDenied(StoreRefused):
    """The store knows who we are and does not allow this."""


class AuthFailed(StoreRefused):
    """The store does not accept our credentials."""


class ValueTooLarge(StoreRefused):
    """The value exceeds what the store takes."""
