"""From an overview to tables of text. Pure: whoever draws them decides how many lines there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coordination.cli import show, values
from coordination.recipes.overview.comparing import Change
from coordination.recipes.overview.model import Holder, Leadership, Overview, Queue, Stock

Row = tuple[str, ...]

BAR = 20
"""The longest bar, in characters."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A table. Columns named in `whole` are numbers and the like; `more` rows are left out at its end."""

    headings: Row
    rows: Sequence[Row]
    whole: frozenset[str] = frozenset()
    more: int = 0


def summary(look: Overview) -> str:
    """How many there are of each kind, in a line."""
    units = sum(len(pool.units) for pool in look.pools)
    free = sum(len(pool.free) for pool in look.pools)
    waiting = sum(lock.waiting for lock in look.locks)
    parts = (
        _of(len(look.leaders), "leader"),
        _of(len(look.pools), "pool") + (f": {_of(units, 'unit')}, {free} free" if units else ""),
        _of(len(look.locks), "lock") + (f": {waiting} waiting" if waiting else ""),
        _of(len(look.groups), "group"),
        _of(len(look.leases), "lease"),
    )
    return " | ".join(parts)


def panels(look: Overview, changes: Sequence[Change] = ()) -> list[Panel]:
    """A table for each kind that there is anything of; the latest changes first, at the top."""
    now = look.at
    newest = sorted(look.leases, key=lambda lease: -lease.since)
    longest = sorted(look.locks, key=lambda lock: -lock.waiting)
    all_of_them = (
        _panel("#WHEN #KIND NAME LOST_BY GOT_BY #TOKEN", map(change_row, reversed(changes))),
        _panel("LEADER MACHINE #VERSION #TOKEN #AGE STATE VALUE", (_leader(it, now) for it in look.leaders)),
        _panel("POOL #UNITS #FREE #MACHINES #MOST #LEAST", map(_pool, look.pools)),
        _panel("POOL MACHINE #OWNS #WEIGHT SHARE", [row for pool in look.pools for row in _machines(pool)]),
        _panel("LOCK HOLDER #WAITING #TOKEN #AGE WHERE", (_lock(it, now) for it in longest)),
        _panel("GROUP #MEMBERS WHO", (_group(*each) for each in look.groups.items())),
        _panel("LEASE MACHINE #VERSION #TOKEN #AGE #LEFT WHERE", (_lease(it, now) for it in newest)),
    )
    return [panel for panel in all_of_them if panel.rows]


def change_row(change: Change) -> Row:
    """Who lost it and who got it; one who has it under another token has it anew."""
    return (
        show.time_of_day(change.at),
        change.kind,
        what(change),
        _who(change.before),
        _who(change.after),
        "-" if change.after is None or change.count > 1 else str(change.after.token),
    )


def what(change: Change) -> str:
    """What has another holder."""
    if change.count > 1:
        return f"{show.visible(change.within)}: {change.count} units"
    name = show.visible(change.name)
    return f"{show.visible(change.within)}/{name}" if change.within else name


def state(leader: Leadership) -> str:
    """What a leader is about."""
    if leader.successor:
        return f"hands over to {show.visible(leader.successor)}"
    return "takes over" if leader.taking_over else "leads"


def _panel(columns: str, rows: Iterable[Row]) -> Panel:
    """A table; # marks what must stay whole."""
    names = [name.replace("_", " ") for name in columns.split()]
    return Panel(
        tuple(name.lstrip("#") for name in names),
        list(rows),
        frozenset(name[1:] for name in names if name[0] == "#"),
    )


def _leader(leader: Leadership, now: float) -> Row:
    holder = leader.holder
    return (
        *_begins(holder, holder.version),
        *_token_and_age(holder, now),
        state(leader),
        values.as_text(leader.value),
    )


def _pool(pool: Stock) -> Row:
    counts = pool.counts().values()
    most, least = (str(max(counts)), str(min(counts))) if counts else ("-", "-")
    name = show.visible(pool.name)
    return (name, str(len(pool.units)), str(len(pool.free)), str(len(counts)), most, least)


def _machines(pool: Stock) -> list[Row]:
    weights = pool.weights()
    most = max(weights.values(), default=0.0)
    return [
        (
            show.visible(pool.name),
            show.visible(machine),
            str(owned),
            f"{weights[machine]:g}",
            "#" * round(BAR * weights[machine] / most) if most else "",
        )
        for machine, owned in pool.counts().items()
    ]


def _lock(lock: Queue, now: float) -> Row:
    holder = lock.holder
    return (*_begins(holder, lock.waiting), *_token_and_age(holder, now), show.where(holder))


def _group(name: str, members: tuple[Holder, ...]) -> Row:
    return show.visible(name), str(len(members)), ", ".join(show.visible(it.name) for it in members)


def _lease(lease: Holder, now: float) -> Row:
    left = "-" if lease.left is None else show.duration(lease.left)
    return (*_begins(lease, lease.version), *_token_and_age(lease, now), left, show.where(lease))


def _begins(holder: Holder, number: int) -> Row:
    return show.visible(holder.name), show.visible(holder.machine_id), str(number)


def _token_and_age(holder: Holder, now: float) -> Row:
    return str(holder.token), show.duration(now - holder.since) if holder.since else "-"


def _who(holder: Holder | None) -> str:
    return "nobody" if holder is None else show.visible(holder.machine_id)


def _of(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
