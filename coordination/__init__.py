"""Coordination between processes on many machines: leases with fencing tokens.

Start with `connect()`; it answers a `Manager`, whose `acquire_lease` answers a `Lease`. What they are
made of is loaded by the first `connect()`, so that a program which may not need it starts quickly.
"""

from typing import TYPE_CHECKING, Any

from coordination.connect import connect
from coordination.errors import (
    AcquireTimeout,
    ActionAlreadyRequested,
    AuthFailed,
    CallbackError,
    ConfigurationError,
    CoordinationError,
    LeaseCorrupt,
    LeaseLost,
    NothingScheduled,
    OutcomeUnknown,
    PermissionDenied,
    RenewError,
    StoreError,
    StoreRefused,
    StoreReplaced,
    StoreUnavailable,
    ValueTooLarge,
)

if TYPE_CHECKING:
    from coordination.lease import Lease
    from coordination.manager import Manager

__version__ = "0.1.0"

__all__ = [
    "AcquireTimeout",
    "ActionAlreadyRequested",
    "AuthFailed",
    "CallbackError",
    "ConfigurationError",
    "CoordinationError",
    "Lease",
    "LeaseCorrupt",
    "LeaseLost",
    "Manager",
    "NothingScheduled",
    "OutcomeUnknown",
    "PermissionDenied",
    "RenewError",
    "StoreError",
    "StoreRefused",
    "StoreReplaced",
    "StoreUnavailable",
    "ValueTooLarge",
    "connect",
]

_LATE = {"Lease": "coordination.lease", "Manager": "coordination.manager"}


def __getattr__(name: str) -> Any:
    """Load the two big classes when they are asked for (PEP 562)."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_LATE[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
