"""Who lost or got what between two looks. What came and went in between is not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from coordination.recipes.overview.model import Holder, Overview

Held = dict[tuple[str, str], Holder]
"""By what it is part of (a pool, a group; else empty) and its name."""

FEW = 3
"""So many equal changes of one pool are told one by one; more are told as one."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something has another holder than before, or the same one anew: its token changed.

    `at`: Unix seconds of the look that showed it. `kind`: lease leader lock unit member. `within`: the
    pool or group, else empty. None for nobody. `count`: so many units went the same way; `name` is
    empty then.
    """

    at: float
    kind: str
    within: str
    name: str
    before: Holder | None
    after: Holder | None
    count: int = 1


def changes(before: Overview, after: Overview) -> list[Change]:
    """All of them, by kind and name; where nothing changed, none."""
    return [
        change
        for kind, held in _KINDS.items()
        for change in _folded(_changed(kind, held(before), held(after), after.at))
    ]


def _changed(kind: str, before: Held, after: Held, at: float) -> Iterator[Change]:
    for within, name in sorted(before.keys() | after.keys()):
        lost, got = before.get((within, name)), after.get((within, name))
        if (lost and lost.token) != (got and got.token):
            yield Change(at, kind, within, name, lost, got)


def _folded(found: Iterable[Change]) -> list[Change]:
    """Many units that went from one machine to another, as one change."""
    alike: dict[tuple[Any, ...], list[Change]] = {}
    for change in found:
        way = (change.within, _machine(change.before), _machine(change.after))
        alone = "" if change.kind == "unit" else change.name
        alike.setdefault((*way, alone), []).append(change)
    return [change for group in alike.values() for change in (group if len(group) <= FEW else [_one(group)])]


def _one(group: list[Change]) -> Change:
    first = group[0]
    return Change(first.at, first.kind, first.within, "", first.before, first.after, len(group))


def _machine(holder: Holder | None) -> str | None:
    return None if holder is None else holder.machine_id


def _leases(look: Overview) -> Held:
    return {("", lease.name): lease for lease in look.leases}


def _leaders(look: Overview) -> Held:
    return {("", leader.holder.name): leader.holder for leader in look.leaders}


def _locks(look: Overview) -> Held:
    return {("", lock.holder.name): lock.holder for lock in look.locks}


def _units(look: Overview) -> Held:
    return {(pool.name, unit): owner for pool in look.pools for unit, owner in pool.owners.items()}


def _members(look: Overview) -> Held:
    return {(group, it.name): it for group, members in look.groups.items() for it in members}


_KINDS: dict[str, Callable[[Overview], Held]] = {
    "leader": _leaders,
    "unit": _units,
    "lock": _locks,
    "member": _members,
    "lease": _leases,
}
