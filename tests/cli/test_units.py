"""`units`: what a pool is made of and who has it; adding, updating and removing."""

from __future__ import annotations

import json
import time

import pytest

from coordination import Manager
from coordination.cli.units_shown import LONGEST, MOST
from tests.cli.conftest import Cli
from tests.cli.watched import watched

SOON = 20.0
"""Seconds within which another thread must have done something."""


def test_a_pool_without_units_ends_with_1(cli: Cli) -> None:
    """Nothing on stdout for people, an empty list for programs."""
    result = cli("units", "jobs")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "jobs has no units\n")
    result = cli("units", "jobs", "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "[]\n", "")


def test_units_by_name_with_their_owners(cli: Cli, other: Manager) -> None:
    """Owned ones with machine, token and times, free ones marked; a summary beside the table."""
    pool = other.pool("jobs")
    for name in ("b", "a", "c"):
        assert pool.add(name, {"for": name}, 2)
    unit = pool.obtain("b")
    assert unit is not None
    result = cli("units", "jobs")
    heading, *rows = (line.split() for line in result.stdout.splitlines())
    told = cli.json("units", "jobs")
    assert heading == ["UNIT", "WEIGHT", "MACHINE", "TOKEN", "SINCE", "UNTIL", "PAYLOAD"]
    assert [row[:3] for row in rows] == [["a", "2", "(free)"], ["b", "2", "other"], ["c", "2", "(free)"]]
    assert rows[1][3] == str(unit.token)
    assert rows[0][3:] == ["-", "-", "-", '{"for":', '"a"}']
    assert result.stderr == "3 units: 1 owned, 2 free (other 1)\n"
    free, owned, _ = told
    assert free == {
        "name": "a", "weight": 2.0, "payload": {"for": "a"},
        "machine_id": None, "token": None, "since": None, "until": None,
    }  # fmt: skip
    assert (owned["name"], owned["machine_id"], owned["token"]) == ("b", "other", unit.token)
    assert owned["since"] == pytest.approx(time.time(), abs=SOON)
    assert 0 < owned["until"] - owned["since"] < SOON


def test_the_summary_names_the_most_loaded(cli: Cli, url: str, other: Manager) -> None:
    """Not every one of many machines."""
    pool = other.pool("jobs")
    for number in range(MOST + 3):
        pool.add(f"u{number:02}")
    for number in range(MOST + 2):
        assert other.pool("jobs", machine_id=f"m{number:02}").obtain(f"u{number:02}")
    said = cli("units", "jobs").stderr
    assert said.startswith(f"{MOST + 3} units: {MOST + 2} owned, 1 free (m00 1, ")
    assert said.endswith(", … 2 machines more)\n")


def test_adding(cli: Cli, other: Manager) -> None:
    """Several at once, with one payload and weight; what is said of each."""
    words = ("units", "jobs", "--add", "a", "--add", "b/c", "--payload", "text", "--weight", "2.5")
    result = cli(*words)
    assert (result.exit_code, result.stdout) == (0, "added jobs/a\nadded jobs/b/c\n")
    assert [(unit.name, unit.payload, unit.weight) for unit in other.pool("jobs").units()] == [
        ("a", "text", 2.5),
        ("b/c", "text", 2.5),
    ]


def test_adding_what_is_there_changes_nothing(cli: Cli, other: Manager) -> None:
    """It ends with 1 and says so, and the others are added all the same."""
    other.pool("jobs").add("a", "old")
    result = cli("units", "jobs", "--add", "a", "--add", "b", "--payload", "new")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1,
        "added jobs/b\n",
        "jobs/a is there already\n",
    )
    assert [unit.payload for unit in other.pool("jobs").units()] == ["old", "new"]
    result = cli("units", "jobs", "--add", "b", "--add", "c", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"pool": "jobs", "added": ["c"], "there_already": ["b"]}


def test_updating(cli: Cli, other: Manager) -> None:
    """Another payload, the same weight and owner; 1 where there is no such unit."""
    pool = other.pool("jobs")
    pool.add("a", "old", 3)
    unit = pool.obtain("a")
    assert unit is not None
    assert cli.json("units", "jobs", "--update", "a", "--payload", "new") == {
        "pool": "jobs", "updated": ["a"], "unknown": [],
    }  # fmt: skip
    (found,) = pool.units()
    assert (found.payload, found.weight, found.token) == ("new", 3.0, unit.token)
    result = cli("units", "jobs", "--update", "b", "--payload", "new")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "jobs/b is unknown\n")


def test_removing(cli: Cli, other: Manager) -> None:
    """Its owner is asked to let go; 1 where there is no such unit, and the others go all the same."""
    pool = other.pool("jobs")
    pool.add("a")
    pool.add("b")
    unit = pool.obtain("a")
    assert unit is not None
    result = cli("units", "jobs", "--remove", "x", "--remove", "a")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "removed jobs/a\n", "jobs/x is unknown\n")
    assert unit.wait(SOON) == "deleted"
    assert [unit.name for unit in pool.units()] == ["b"]
    assert cli.json("units", "jobs", "--remove", "b") == {"pool": "jobs", "removed": ["b"], "unknown": []}


def test_a_long_payload_is_cut_for_people(cli: Cli, other: Manager) -> None:
    """Programs have all of it, and bytes as base64."""
    other.pool("jobs").add("a", "x" * 1000)
    other.pool("jobs").add("b", b"\x00\xff")
    rows = cli("units", "jobs").stdout.splitlines()[1:]
    assert rows[0].endswith(f"  {'x' * (LONGEST - 1)}…")
    assert rows[1].endswith("  2 bytes")
    assert [it["payload"] for it in cli.json("units", "jobs")] == ["x" * 1000, {"base64": "AP8="}]


def test_names_of_others_do_not_steer_the_terminal(cli: Cli, other: Manager) -> None:
    """Escape sequences in a unit's name or payload are shown, not sent."""
    other.pool("jobs\x1b").add("evil\x1b[2J", "\x07")
    for words in ((), ("--watch", "--timeout", "0"), ("--remove", "evil\x1b[2J")):
        result = cli("units", "jobs\x1b", *words)
        assert result.exit_code == 0
        assert "evil\\x1b[2J" in result.output
        assert not set("\x1b\x07") & set(result.output)


def test_watching(cli: Cli, other: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every unit as it is, then those that change hands, come or go; a line each."""
    pool = other.pool("jobs")
    pool.add("a")
    pool.add("b")
    with watched(cli, monkeypatch, "units", "jobs") as watching:
        assert [(it["name"], it["event"]) for it in (watching.next(), watching.next())] == [
            ("a", "free"),
            ("b", "free"),
        ]
        unit = pool.obtain("a")
        assert unit is not None
        told = watching.next()
        assert (told["pool"], told["name"], told["event"]) == ("jobs", "a", "owned")
        assert (told["machine_id"], told["token"]) == ("other", unit.token)
        pool.add("c")
        told = watching.next()
        assert (told["name"], told["event"], told["token"]) == ("c", "free", None)
        pool.remove("b")
        told = watching.next()
        assert (told["name"], told["event"]) == ("b", "removed")
        watching.end()
        unit.release()


def test_a_line_of_the_watch(cli: Cli, other: Manager) -> None:
    """For people: when, which unit, who has it under which token."""
    pool = other.pool("jobs")
    pool.add("a")
    pool.add("b")
    unit = pool.obtain("b")
    assert unit is not None
    first, second = cli("units", "jobs", "--watch", "--timeout", "0").stdout.splitlines()
    assert first[8:] == "  jobs/a  free"
    assert second[8:] == f"  jobs/b  owned by other, token {unit.token}"
