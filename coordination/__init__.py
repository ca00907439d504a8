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
    DuplicateMember,
    LeaseCorrupt,
    LeaseLost,
    NothingScheduled,
    OutcomeUnknown,
    PermissionDenied,
    RenewError,
    StaleToken,
    StoreError,
    StoreRefused,
    StoreReplaced,
    StoreUnavailable,
    ValueTooLarge,
)

if TYPE_CHECKING:
    from coordination.hold import Hold
    from coordination.leader import Leader
    from coordination.lease import Lease
    from coordination.lock import Lock
    from coordination.manager import Manager
    from coordination.membership import Membership
    from coordination.pool import Pool
    from coordination.pooling.listing import UnitInfo
    from coordination.recipes.inspecting import Contender
    from coordination.recipes.leading.observing import Incumbent
    from coordination.recipes.leading.outcome import Outcome
    from coordination.recipes.members import Member, MembershipEvent
    from coordination.reconciler import Reconciler
    from coordination.scheduler import LockScheduler, Once
    from coordination.term import Term
    from coordination.unit import Unit

__version__ = "0.1.0"

__all__ = [
    "AcquireTimeout",
    "ActionAlreadyRequested",
    "AuthFailed",
    "CallbackError",
    "ConfigurationError",
    "Contender",
    "CoordinationError",
    "DuplicateMember",
    "Hold",
    "Incumbent",
    "Leader",
    "Lease",
    "LeaseCorrupt",
    "LeaseLost",
    "Lock",
    "LockScheduler",
    "Manager",
    "Member",
    "Membership",
    "MembershipEvent",
    "NothingScheduled",
    "Once",
    "Outcome",
    "OutcomeUnknown",
    "PermissionDenied",
    "Pool",
    "Reconciler",
    "RenewError",
    "StaleToken",
    "StoreError",
    "StoreRefused",
    "StoreReplaced",
    "StoreUnavailable",
    "Term",
    "Unit",
    "UnitInfo",
    "ValueTooLarge",
    "connect",
]

_LATE = {
    "Contender": "coordination.recipes.inspecting",
    "Hold": "coordination.hold",
    "Incumbent": "coordination.recipes.leading.observing",
    "Leader": "coordination.leader",
    "Lease": "coordination.lease",
    "Lock": "coordination.lock",
    "LockScheduler": "coordination.scheduler",
    "Manager": "coordination.manager",
    "Member": "coordination.recipes.members",
    "Membership": "coordination.membership",
    "MembershipEvent": "coordination.recipes.members",
    "Once": "coordination.scheduler",
    "Outcome": "coordination.recipes.leading.outcome",
    "Pool": "coordination.pool",
    "Reconciler": "coordination.reconciler",
    "Term": "coordination.term",
    "Unit": "coordination.unit",
    "UnitInfo": "coordination.pooling.listing",
}

_MODULES = ("aio", "fencing")
"""Found as attributes without being imported first."""


def __getattr__(name: str) -> Any:
    """Load the big classes, and the other doors, when they are asked for (PEP 562)."""
    import importlib

    if name in _MODULES:
        return importlib.import_module(f"coordination.{name}")
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LATE[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
