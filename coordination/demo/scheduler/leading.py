"""The leader's part: it makes the schedule, a datum that says which machine is to own which unit.

The schedule is written by `term.commit`, so the store refuses it from anybody who does not lead any
more. It is a wish and no grant: a machine owns a unit when it holds the unit's own record.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from coordination import StoreError
from coordination.demo.scheduler.writer import START, WORK, Writer
from coordination.pooling.plan import plan

if TYPE_CHECKING:
    from coordination import Manager, Membership, Term
    from coordination.clock import Clock
    from coordination.pool import Pool

SCHEDULE = "schedule"

LEADER = "leader"
"""What the leader's acts are called at the resource."""


def schedule(manager: Manager) -> dict[str, str]:
    """Unit to machine, as last written by a leader."""
    raw = manager.read(SCHEDULE)
    planned: dict[str, str] = {} if raw is None else json.loads(raw)
    return planned


def command_of(payload: Any) -> list[str]:
    """The command that a unit's payload names; empty if it names none."""
    command = payload.get("command") if isinstance(payload, dict) else None
    if not isinstance(command, list) or not all(isinstance(word, str) for word in command):
        return []
    return command


class Scheduling:
    """What a machine does while it leads. `resource`: where it shows that it acts, if anywhere."""

    def __init__(
        self, manager: Manager, pool: Pool, members: Membership, clock: Clock, resource: str | None
    ) -> None:
        self._manager = manager
        self._pool = pool
        self._members = members
        self._clock = clock
        self._resource = resource
        self._shown = 0

    def reconcile(self, term: Term) -> None:
        """One look, and a new schedule if it has to change. What the store fails at is done next time."""
        try:
            machines = [member.machine_id for member in self._members.members()]
            units = {unit.name: unit.weight for unit in self._pool.units() if command_of(unit.payload)}
            before = schedule(self._manager)
            after = plan(units, before, machines) if machines else before
            if self._acts(term) and after != before:
                term.commit({SCHEDULE: json.dumps(after)})
        except (StoreError, OSError) as error:
            sys.stderr.write(f"the schedule stays as it is for now: {error}\n")

    def _acts(self, term: Term) -> bool:
        """Show the resource that we act as the leader; whether it lets us."""
        if self._resource is None:
            return True
        term.check()
        kind = WORK if term.token == self._shown else START
        with Writer(self._resource, LEADER, term.token, term.machine_id, term.version) as writer:
            taken = writer.write(kind, self._clock.now() + term.remaining)
        self._shown = term.token
        return taken
