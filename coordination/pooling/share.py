"""One machine's share of a pool: what the plan gives it is claimed if it is free, or else asked for.

Asking is damped: only while the machines stay the same, a few units at a time, and each again only
after a while.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from coordination.pooling.asking import ask
from coordination.pooling.ownership import Ownership
from coordination.pooling.plan import plan
from coordination.pooling.tenancy import Tenancy
from coordination.pooling.view import Seen
from coordination.runtime import Runtime

AT_ONCE = 64
"""Units claimed between two looks, so that whoever comes first does not take everything."""

DAMPING, LONGEST_DAMPING = 1 / 15, 1.0
"""Part of the ttl, and seconds at most, for which machines must stay the same before units are asked for."""

SAFETY, SAFETY_TTLS = 30.0, 6
"""Seconds, and multiples of the ttl, after which to look though nothing told so: watches lose events."""


def safety(ttl: float) -> float:
    """Seconds after which a machine looks though nothing told so."""
    return max(SAFETY, SAFETY_TTLS * ttl)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a machine balances: `plan`'s `by`, and how many units it has asked for at a time."""

    by: str = "count"
    at_most: int = 8


class Share:
    """What one machine does in a round. One round at a time."""

    def __init__(self, tenancy: Tenancy) -> None:
        self._tenancy = tenancy
        self._keeping = tenancy.keeping
        self._machines: frozenset[str] = frozenset()
        self._settled_at = -math.inf
        self._asked: dict[str, float] = {}
        self.on = False
        self.gained: list[Callable[[Ownership], object]] = []

    async def round(self, runtime: Runtime, rules: Rules, present: bool) -> float:
        """Seconds until the next one is worth it, unless something changes before; 0: there is more to do."""
        seen, now, us = await self._tenancy.view.look(runtime), runtime.clock.now(), self._tenancy.machine_id
        if seen.machines != self._machines:
            self._machines, self._settled_at = seen.machines, now
        for ownership in self._tenancy.owned:
            await self._defined(runtime, seen, ownership)
        if not present or us not in seen.machines:
            return self._until_look(seen)
        ours = [unit for unit, machine in self._planned(seen, rules.by).items() if machine == us]
        free = [unit for unit in ours if unit not in seen.records]
        outrun = await self._claim(runtime, seen, free[:AT_ONCE])
        if len(free) > AT_ONCE:
            return 0.0
        pause = await self._ask(
            runtime, seen, [unit for unit in ours if seen.owners.get(unit, us) != us], rules.at_most
        )
        if outrun:  # By a plan from before somebody joined: others' claims are not told, so look again.
            pause = min(pause, random.uniform(0.2, 0.6))  # noqa: S311 - jitter
        elif len(seen.free) > len(free):  # Whoever they are for has died, or looked at something older.
            pause = min(pause, self._tenancy.ttl / 3 * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
        return min(pause, self._until_look(seen))

    async def _defined(self, runtime: Runtime, seen: Seen, ownership: Ownership) -> None:
        """What the unit is by now; it may be newer than what was read of them all."""
        definition = seen.units.get(ownership.unit)
        if definition is None:
            definition = await self._tenancy.editor.look(runtime, ownership.unit)
            self._tenancy.view.redefine()
        if definition is None:
            self._tenancy.removed(ownership)
        else:
            ownership.define(definition)

    def _planned(self, seen: Seen, by: str) -> dict[str, str]:
        """Without the units of those who take no part: they are theirs until they are free."""
        units = {
            unit: definition.weight
            for unit, definition in seen.units.items()
            if seen.owners.get(unit) is None or seen.owners[unit] in seen.machines
        }
        return plan(units, seen.owners, seen.machines, by=by)

    async def _claim(self, runtime: Runtime, seen: Seen, units: list[str]) -> bool:
        """Whether others were quicker with any of them."""
        outrun = False
        for unit in units:
            if not self.on:
                return False
            ownership = await self._tenancy.take(runtime, unit, seen.units[unit])
            outrun = outrun or ownership is None
            if ownership is not None:
                for call in self.gained:
                    self._keeping.tell(partial(call, ownership))
        return outrun

    async def _ask(self, runtime: Runtime, seen: Seen, units: list[str], at_most: int) -> float:
        """Ask the owners of these units for them; seconds until there may be more to ask."""
        now, ttl = runtime.clock.now(), self._tenancy.ttl
        self._asked = {unit: at for unit, at in self._asked.items() if unit in units and now < at + ttl / 3}
        if not units:
            return math.inf
        calm = self._settled_at + min(LONGEST_DAMPING, ttl * DAMPING)
        if now < calm:
            return calm - now
        new = [unit for unit in units if unit not in self._asked]
        chosen = new[: max(0, at_most - len(self._asked))]
        self._asked.update(dict.fromkeys(chosen, now))
        await ask(runtime, self._keeping, [seen.records[unit] for unit in chosen])
        return ttl / 3

    def _until_look(self, seen: Seen) -> float:
        """Seconds until it is worth looking though nobody told of a change."""
        if self._keeping.store.capabilities.notices_expiry:
            return safety(self._tenancy.ttl)
        return min(SAFETY, SAFETY if seen.left is None else seen.left) + random.uniform(0.01, 0.1)  # noqa: S311 - jitter
