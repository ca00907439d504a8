"""The plan of a pool by examples: who keeps and gets what, what a change costs, how long it takes."""

from __future__ import annotations

from time import perf_counter

import pytest

from coordination.errors import ConfigurationError
from coordination.pooling.plan import plan


def units(count: int, weight: float = 1.0) -> dict[str, float]:
    """That many units of one weight, from u00000 on."""
    return {f"u{number:05}": weight for number in range(count)}


def names(count: int) -> list[str]:
    return [f"m{number:03}" for number in range(count)]


def loads(planned: dict[str, str], machines: list[str]) -> list[int]:
    """How many units each machine has, in the order of the machines."""
    return [list(planned.values()).count(machine) for machine in machines]


def weights(planned: dict[str, str], weighed: dict[str, float], machines: list[str]) -> list[float]:
    return [sum(w for u, w in weighed.items() if planned[u] == machine) for machine in machines]


def moved(before: dict[str, str], planned: dict[str, str]) -> set[str]:
    """The units that somebody else is to own than who owns them now."""
    return {unit for unit, machine in before.items() if planned[unit] != machine}


def test_without_machines_there_is_no_plan() -> None:
    """Nobody can own anything, whoever did."""
    assert plan(units(3), {"u00000": "gone"}, []) == {}


def test_without_units_the_plan_is_empty() -> None:
    """Machines alone, by count and by weight; owners of units that were removed count for nothing."""
    assert plan({}, {"removed": "m000"}, names(2)) == {}
    assert plan({}, {"removed": "m000"}, names(2), by="weight") == {}


def test_another_measure_is_refused() -> None:
    """A misspelt measure must not quietly become the other one."""
    with pytest.raises(ConfigurationError, match="'wieght'"):
        plan(units(1), {}, names(1), by="wieght")


def test_free_units_are_dealt_out_evenly() -> None:
    """Seven free ones on three machines: 3, 2, 2, the odd one to the first by name."""
    assert loads(plan(units(7), {}, names(3)), names(3)) == [3, 2, 2]


def test_the_odd_unit_stays_with_whoever_has_it() -> None:
    """The last machine by name has one more than its share: that is no reason to move one."""
    before = {"u00000": "m000", "u00001": "m001", "u00002": "m001"}
    assert plan(units(3), before, names(2)) == before


def test_units_of_a_dead_machine_go_to_the_living_and_nothing_else_moves() -> None:
    """Ten of thirty units are without an owner; the twenty others stay where they are."""
    before = plan(units(30), {}, names(3))
    after = plan(units(30), before, names(2))
    assert moved(before, after) == {unit for unit, machine in before.items() if machine == "m002"}
    assert loads(after, names(2)) == [15, 15]


def test_a_machine_that_joins_takes_its_share_and_no_more_moves() -> None:
    """2 000 units, the 50th machine of 50: its 40 units move, all of them to it."""
    before = plan(units(2000), {}, names(49))
    after = plan(units(2000), before, names(50))
    assert {after[unit] for unit in moved(before, after)} == {"m049"}
    assert len(moved(before, after)) == 40


def test_a_removed_unit_moves_nothing_while_the_loads_differ_by_one() -> None:
    """One of the machine with more costs nothing, one of the machine with less costs a move."""
    before = plan(units(5), {}, names(2))
    without = {unit: 1.0 for unit in units(5) if unit != "u00000"}
    assert before["u00000"] == "m000"
    assert moved({unit: before[unit] for unit in without}, plan(without, before, names(2))) == set()
    without = {unit: 1.0 for unit in units(5) if unit != "u00004"}
    assert before["u00004"] == "m001"
    assert len(moved({unit: before[unit] for unit in without}, plan(without, before, names(2)))) == 1


def test_units_on_their_way_are_still_for_whom_they_were_asked() -> None:
    """One machine gives up four units to two others; it has let go of one of them, which nobody has yet."""
    before = dict.fromkeys(units(6), "m001")
    planned = plan(units(6), before, names(3))
    for on_its_way in moved(before, planned):
        left = {unit: machine for unit, machine in before.items() if unit != on_its_way}
        assert plan(units(6), left, names(3)) == planned


def test_heavy_units_count_for_what_they_weigh() -> None:
    """One unit of 3 on one machine, three of 1 on the other: even by weight, and left alone."""
    weighed = {"big": 3.0, "a": 1.0, "b": 1.0, "c": 1.0}
    planned = plan(weighed, {}, names(2), by="weight")
    assert weights(planned, weighed, names(2)) == [3.0, 3.0]
    assert plan(weighed, planned, names(2), by="weight") == planned


@pytest.mark.parametrize(
    ("has", "other", "evened"),
    [([9, 2, 1], [], [9, 3]), ([6, 6], [3], [6, 9]), ([5, 5], [4], [10, 4]), ([5, 3, 1], [1], [5, 5])],
    ids=["all light ones go", "a heavy one", "too heavy for the gain", "the best one goes"],
)
def test_what_moves_between_two(has: list[float], other: list[float], evened: list[float]) -> None:
    """What evens out two machines best, if the higher load falls by half of what is moved."""
    weighed = {f"u{number}": weight for number, weight in enumerate([*has, *other])}
    before = {unit: f"m{number >= len(has):03}" for number, unit in enumerate(weighed)}
    assert weights(plan(weighed, before, names(2), by="weight"), weighed, names(2)) == evened


def test_machines_that_tie_for_the_highest_load_all_give() -> None:
    """A single move leaves the highest load as it was; the two together lower it."""
    before = {f"u{number:05}": f"m{number % 2:03}" for number in range(8)}
    planned = plan(units(8), before, names(4), by="weight")
    assert loads(planned, names(4)) == [2, 2, 2, 2]


def test_who_has_one_unit_too_heavy_to_move_does_not_stop_the_others() -> None:
    """The most loaded has a single unit; the next one still gives to the idle machine."""
    weighed = {"huge": 10.0, **units(8)}
    before = {"huge": "m000", **dict.fromkeys(units(8), "m001")}
    planned = plan(weighed, before, names(3), by="weight")
    assert weights(planned, weighed, names(3)) == [10.0, 4.0, 4.0]


def test_moves_that_would_lead_nowhere_are_not_made() -> None:
    """Two machines share the highest load and one cannot give: evening out the other lowers nothing."""
    weighed = {"huge": 10.0, "a": 4.0, "b": 6.0}
    before = {"huge": "m000", "a": "m001", "b": "m001"}
    assert plan(weighed, before, [*names(2), "idle1", "idle2"], by="weight") == before


def test_weights_of_rounding_errors_move_nothing() -> None:
    """0.1 + 0.2 is more than 0.3 by a float's error, which is no load."""
    weighed = {"a": 0.1, "b": 0.2, "c": 0.3}
    before = {"a": "m000", "b": "m000", "c": "m001"}
    assert plan(weighed, before, [*names(2), "idle1", "idle2"], by="weight") == before


@pytest.mark.untraced
@pytest.mark.parametrize("by", ["count", "weight"])
@pytest.mark.parametrize(("many", "machines", "at_most"), [(2_000, 50, 0.010), (10_000, 200, 0.100)])
@pytest.mark.parametrize("owned", ["nothing", "all of it by one", "what is planned"])
def test_it_is_quick(by: str, many: int, machines: int, at_most: float, owned: str) -> None:
    """It runs in every machine at every round: the best of ten, with room for a slow and busy computer."""
    weighed = {unit: 1.0 + number % 17 for number, unit in enumerate(units(many))}
    planned = plan(weighed, {}, names(machines), by=by)
    owners = {"nothing": {}, "all of it by one": dict.fromkeys(weighed, "m000"), "what is planned": planned}
    seconds = []
    for _ in range(10):
        started = perf_counter()
        plan(weighed, owners[owned], names(machines), by=by)
        seconds.append(perf_counter() - started)
    print(f"{by} {many} x {machines}, {owned}: {min(seconds) * 1000:.2f} ms")
    assert min(seconds) < 5 * at_most
