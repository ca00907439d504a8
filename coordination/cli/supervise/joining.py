"""Being in a group while a command runs. Unlike the rest it guards nothing, so its loss ends no command."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from coordination.cli.supervise.apart import first_answer, wait_apart
from coordination.cli.supervise.patience import Waiting
from coordination.locking import TTL
from coordination.manager import Manager
from coordination.membership import Membership


@dataclass(frozen=True, slots=True)
class Joining:
    """Membership of `group`. `timeout`: seconds that a dead process's place is waited for, None as `join`."""

    group: str
    metadata: Mapping[str, str]
    timeout: float | None

    def obtain(self, manager: Manager, waiting: Waiting) -> KeptMembership:
        """Join; `DuplicateMember` if another process is there under our machine id."""
        membership = manager.membership(self.group, metadata=self.metadata)
        told = f"another process wants, or has, the machine id {membership.machine_id!r} in {self.group!r}"
        membership.on_duplicate(lambda: waiting.report.warn("duplicate-machine-id", told))
        return wait_apart(lambda: self._joined(manager, membership, waiting), waiting)

    def _joined(self, manager: Manager, membership: Membership, waiting: Waiting) -> KeptMembership:
        first_answer(manager, lambda: membership.join(self.timeout), waiting)
        found = first_answer(manager, membership.members, waiting)
        tokens = [member.token for member in found if member.machine_id == membership.machine_id]
        return KeptMembership(membership, tokens[0] if tokens else 0)


class KeptMembership:
    """A membership as the supervisor sees it: never over by itself, because it comes back by itself."""

    time_remaining = TTL
    deadline = math.inf
    held = True
    lost = None

    def __init__(self, membership: Membership, token: int) -> None:
        self._membership = membership
        self.token = token

    @property
    def name(self) -> str:
        """The group."""
        return self._membership.group

    def on_lost(self, callback: Callable[[Any, str], object], /) -> None:
        """There is nothing to tell."""

    def release(self) -> bool:
        """Leave."""
        return self._membership.leave()
