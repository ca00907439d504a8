"""How the units of a pool look: a table and its summary, a line for every change, JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import click

from coordination.bell import Bell
from coordination.cli import show, values
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings
from coordination.cli.tables import table
from coordination.manager import Manager
from coordination.pool import Pool
from coordination.pooling.keys import keys_of
from coordination.pooling.listing import UnitInfo
from coordination.runtime import run
from coordination.timing import Deadline, waiting
from coordination.waiting import LOOK_AGAIN

_HEADINGS = ("UNIT", "WEIGHT", "MACHINE", "TOKEN", "SINCE", "UNTIL", "PAYLOAD")
_NUMBERS = ("WEIGHT", "TOKEN", "SINCE", "UNTIL")

MOST = 8
"""Machines that the summary counts one by one."""

FOLD = 0.2
"""Seconds within which changes are told together: a machine that dies makes hundreds."""

LONGEST = 40
"""Characters of a payload that are shown to people."""


def print_units(settings: Settings, pool: Pool) -> None:
    """All of them; ends with 1 if there are none."""
    found = pool.units()
    if settings.json:
        show.echo_json([_fields(unit) for unit in found])
    elif found:
        table(_HEADINGS, [_row(unit) for unit in found], _NUMBERS)
        click.echo(_summary(found), err=True)
    else:
        click.echo(f"{show.visible(pool.name)} has no units", err=True)
    if not found:
        raise SystemExit(NOTHING)


def watch_units(settings: Settings, manager: Manager, pool: Pool, timeout: float | None) -> None:
    """Each unit as it is now, then those that were added, removed or changed hands."""
    before: dict[str, UnitInfo] = {}
    for found in _looks(manager, pool, Deadline(manager.clock, waiting(timeout))):
        now = {unit.name: unit for unit in found}
        for name in sorted(before.keys() - now.keys()):
            _tell(settings, manager, pool, before[name], "removed")
        for name, unit in now.items():
            if name not in before or before[name].token != unit.token:
                _tell(settings, manager, pool, unit, "free" if unit.token is None else "owned")
        before = now


def _looks(manager: Manager, pool: Pool, bound: Deadline) -> Iterator[list[UnitInfo]]:
    """The units now, then again whenever any of them may have changed."""
    keeper = manager.keeper
    keys, signal = keys_of(keeper.namespace, pool.name), keeper.runtime.signal()
    bells = [Bell(keeper.runtime, keeper.store, folder, signal) for folder in (keys.owners, keys.edits)]
    try:
        for bell in bells:
            bell.listen(keeper.timeout)
        while True:
            yield pool.units()
            if bound.passed:
                return
            run(bells[0].wait(bound.left(LOOK_AGAIN)))
            manager.clock.sleep(bound.left(FOLD))
    finally:
        for bell in bells:
            bell.close()


def _tell(settings: Settings, manager: Manager, pool: Pool, unit: UnitInfo, event: str) -> None:
    if settings.json:
        show.echo_json({"event": event, "pool": pool.name, **_fields(unit)})
        return
    what = f"{show.visible(pool.name)}/{show.visible(unit.name)}"
    by = f" by {show.visible(unit.machine_id or '')}, token {unit.token}" if event == "owned" else ""
    click.echo(f"{show.time_of_day(manager.clock.wall())}  {what}  {event}{by}")


def _summary(found: Sequence[UnitInfo]) -> str:
    """How many are owned, by whom, and how many are free."""
    counts = Counter(unit.machine_id for unit in found if unit.machine_id is not None)
    free = len(found) - counts.total()
    named = [f"{show.visible(machine)} {owned}" for machine, owned in counts.most_common(MOST)]
    if len(counts) > MOST:
        named.append(f"… {len(counts) - MOST} machines more")
    text = f"{len(found)} unit{'' if len(found) == 1 else 's'}: {counts.total()} owned, {free} free"
    return text + (f" ({', '.join(named)})" if named else "")


def _fields(unit: UnitInfo) -> dict[str, Any]:
    """For programs; times in Unix seconds, null where it is free or nobody knows."""
    return {
        "name": unit.name,
        "weight": unit.weight,
        "payload": values.as_json(unit.payload),
        "machine_id": unit.machine_id,
        "token": unit.token,
        "since": unit.since,
        "until": unit.until,
    }


def _row(unit: UnitInfo) -> tuple[str, ...]:
    payload = values.as_text(unit.payload)
    return (
        show.visible(unit.name),
        f"{unit.weight:g}",
        "(free)" if unit.machine_id is None else show.visible(unit.machine_id),
        "-" if unit.token is None else str(unit.token),
        show.moment(unit.since) if unit.since else "-",
        show.time_of_day(unit.until) if unit.until else "-",
        payload if len(payload) <= LONGEST else f"{payload[: LONGEST - 1]}…",
    )
