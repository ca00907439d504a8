"""Coordination between processes on many machines: leases with fencing tokens.

Start with `connect()`; it answers a `Manager`, whose `acquire_lease` answers a `Lease`.
"""

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
    StoreUnavailable,
    ValueTooLarge,
)
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
    "StoreUnavailable",
    "ValueTooLarge",
    "connect",
]
