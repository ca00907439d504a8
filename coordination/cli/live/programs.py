"""An overview for programs: everything but the single units, which `coordination units` has."""

from __future__ import annotations

from typing import Any

from coordination.cli import values
from coordination.recipes.overview.model import Holder, Overview, Stock


def as_json(look: Overview) -> dict[str, Any]:
    """One object; times in Unix seconds, durations in seconds, null where unknown."""
    return {
        "at": look.at,
        "leaders": [
            {
                **holder(it.holder),
                "value": values.as_json(it.value),
                "taking_over": it.taking_over,
                "successor": it.successor or None,
            }
            for it in look.leaders
        ],
        "pools": [_pool(pool) for pool in look.pools],
        "locks": [{**holder(lock.holder), "waiting": lock.waiting} for lock in look.locks],
        "groups": {group: [holder(it) for it in members] for group, members in look.groups.items()},
        "leases": [holder(lease) for lease in look.leases],
    }


def holder(it: Holder) -> dict[str, Any]:
    """Who has it."""
    return {
        "name": it.name,
        "machine_id": it.machine_id,
        "token": it.token,
        "version": it.version,
        "host": it.host,
        "pid": it.pid,
        "since": it.since,
        "time_remaining": None if it.left is None else round(it.left, 3),
        "metadata": it.metadata,
    }


def _pool(pool: Stock) -> dict[str, Any]:
    weights = pool.weights()
    return {
        "name": pool.name,
        "units": len(pool.units),
        "free": len(pool.free),
        "machines": [
            {
                "machine_id": machine,
                "owns": owned,
                "weight": weights[machine],
                "shares": machine in pool.machines,
            }
            for machine, owned in pool.counts().items()
        ],
    }
