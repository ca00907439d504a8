"""Which machine should own which unit: the plan of a pool, a pure function of what everybody sees.

Every machine computes it from its own list and does its own part only: so it must not depend on the order of
the list, and by count doing some of it does not change the rest. It may be wrong or late: ownership is
decided by records, never here.

By count it gives every machine floor or ceil of the share, as Amazon's Kinesis Client Library does with its
leases, at the fewest moves there can be. By weight, units that nobody has go in order of weight to the least
loaded: LPT, R. L. Graham, Bounds on Multiprocessing Timing Anomalies, SIAM J. Appl. Math. 17 (1969). Where
all of them are free, the highest load is at most 4/3 - 1/3m of the best there is.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping

from coordination.errors import ConfigurationError

GRAIN = 1_000_000
"""Loads are added up as whole millionths: rounding errors of floats would move units for ever."""

Held = dict[str, list[str]]
"""The units of each machine, by name."""


def plan(
    units: Mapping[str, float], owners: Mapping[str, str], machines: Iterable[str], *, by: str = "count"
) -> dict[str, str]:
    """The machine for every unit, {} without machines.

    `units` are their weights (> 0; only `by="weight"` reads them), `owners` who has a unit now (machines that
    are gone and units that are not in `units` count for nothing). By count, loads differ by at most 1
    afterwards, and no plan with that result moves fewer units away from live owners. By weight it is a good
    plan, not the best: moves go from who has more to who has less and lower the highest load less the lowest.
    """
    if by not in ("count", "weight"):
        raise ConfigurationError(f"by is 'count' or 'weight', not {by!r}")
    held: Held = {machine: [] for machine in sorted(set(machines))}
    if not held:
        return {}
    free: list[str] = []
    for unit in sorted(units):
        held.get(owners.get(unit, ""), free).append(unit)
    planned = _by_count(held, free) if by == "count" else _by_weight(held, free, units)
    return {unit: machine for machine, theirs in planned.items() for unit in theirs}


def _by_count(held: Held, free: list[str]) -> Held:
    """Everybody keeps what fits its share; what is left fills the rest in order of names.

    In order of names, so that a unit claimed or handed over leaves everybody else's part as it was.
    """
    share, more = divmod(len(free) + sum(map(len, held.values())), len(held))
    # One more goes first to those who have it already: each of them saves a move.
    ranked = sorted(held, key=lambda machine: len(held[machine]) <= share)
    allowed = {machine: share + (place < more) for place, machine in enumerate(ranked)}
    spare = [unit for machine, theirs in held.items() for unit in theirs[allowed[machine] :]]
    left = iter(sorted(free + spare))
    kept = {machine: theirs[: allowed[machine]] for machine, theirs in held.items()}
    for machine, theirs in kept.items():
        theirs.extend(unit for _, unit in zip(range(allowed[machine] - len(theirs)), left, strict=False))
    return kept


def _by_weight(held: Held, free: list[str], units: Mapping[str, float]) -> Held:
    """The heaviest free one to the least loaded, and so on; then from the most to the least loaded."""
    weighed = {
        machine: sorted((_grains(units[unit]), unit) for unit in theirs) for machine, theirs in held.items()
    }
    loads = [(sum(weight for weight, _ in theirs), machine) for machine, theirs in weighed.items()]
    heapq.heapify(loads)
    for weight, unit in sorted(((_grains(units[unit]), unit) for unit in free), key=_heaviest_first):
        load, machine = loads[0]
        insort(weighed[machine], (weight, unit))
        heapq.heapreplace(loads, (load + weight, machine))
    planned = {unit: machine for machine, theirs in weighed.items() for _, unit in theirs}
    planned.update(_moves(weighed, sorted(loads)))
    placed: Held = {machine: [] for machine in held}
    for unit, machine in planned.items():
        placed[machine].append(unit)
    return placed


def _grains(weight: float) -> int:
    return round(weight * GRAIN)


def _heaviest_first(weighed: tuple[int, str]) -> tuple[int, str]:
    return -weighed[0], weighed[1]


def _moves(held: dict[str, list[tuple[int, str]]], loads: list[tuple[int, str]]) -> list[tuple[str, str]]:
    """The moves (unit, to) that lower the spread, in order; `loads` ascend.

    It ends: every move evens two loads out. Who is the most loaded and has nothing worth moving is passed
    over: nobody becomes as loaded as it again, so those passed over stay the last ones of `loads`. What comes
    after the last move that lowered the spread is dropped.
    """
    moves: list[tuple[str, str]] = []
    useful, passed = 0, 0
    spread = loads[-1][0] - loads[0][0]
    while passed < len(loads) - 1:
        (low, taker), (high, giver) = loads[0], loads[-1 - passed]
        place = _worth_moving(held[giver], high - low)
        if place is None:
            passed += 1
            continue
        weight, unit = held[giver].pop(place)
        insort(held[taker], (weight, unit))
        del loads[-1 - passed], loads[0]
        insort(loads, (high - weight, giver))
        insort(loads, (low + weight, taker))
        moves.append((unit, taker))
        if loads[-1][0] - loads[0][0] < spread:
            spread, useful = loads[-1][0] - loads[0][0], len(moves)
    return moves[:useful]


def _worth_moving(theirs: list[tuple[int, str]], gap: int) -> int | None:
    """Where the unit is that evens out a gap best; None if none lowers the higher load by half its weight.

    That is the price of a move: without one, heavy units would travel for a gain of crumbs.
    """
    half = bisect_right(theirs, (gap // 2, chr(0x10FFFF)))
    around = [place for place in (half - 1, half) if 0 <= place < len(theirs)]
    worth = [place for place in around if 0 < 3 * theirs[place][0] <= 2 * gap]
    if not worth:
        return None
    weight = min((theirs[place][0] for place in worth), key=lambda one: abs(gap - 2 * one))
    return bisect_left(theirs, (weight, ""))
