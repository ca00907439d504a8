"""The summary: figures from the logs, a verdict, and the same for programs."""

from __future__ import annotations

import json

from coordination.demo.judge import ONE_OWNER, RULES
from coordination.demo.log import REFUSED, START, WORK, Entry
from coordination.demo.report import report
from coordination.demo.story import Kill, Story

STORY = Story(settled=10.0, kill=Kill("m2", sent=10.0, gone=10.1), period=2.0)
ORPHAN = [Entry(START, 5, "m2", 9.0), Entry(START, 6, "m1", 12.5)]
STEADY = [Entry(START, 7, "m1", 9.0), Entry(WORK, 7, "m1", 10.5)]


def test_figures_come_from_the_logs() -> None:
    """Writes, grants, orphans and the slowest takeover are counted from the entries."""
    figures = report({"a": ORPHAN, "b": STEADY}, STORY, [], 15.0).figures
    assert (figures.units, figures.writes, figures.refused, figures.grants) == (2, 4, 0, 3)
    assert (figures.owned_at_start, figures.orphaned, figures.slowest_takeover) == (2, 1, 2.5)


def test_a_passed_demo_says_so_for_every_rule() -> None:
    """One line per rule, each ok, and the verdict last."""
    lines = report({"a": ORPHAN, "b": STEADY}, STORY, [], 15.0).lines()
    assert [line[:4] for line in lines[:-1]] == ["ok  "] * len(RULES)
    assert lines[-1] == "passed after 15.0 s"


def test_a_violation_fails_its_rule_and_is_told() -> None:
    """The rule's line says FAIL, the violation names its unit, the verdict is FAILED."""
    told = report({"a": [*ORPHAN, Entry(REFUSED, 5, "m3", 13.0)]}, STORY, [], 15.0)
    assert not told.ok
    assert any(line.startswith(f"FAIL  {ONE_OWNER}") for line in told.lines())
    assert any(line.startswith("VIOLATION  a: m3") for line in told.lines())
    assert told.lines()[-1].startswith("FAILED")


def test_a_failure_of_a_machine_fails_the_demo() -> None:
    """Clean logs do not make up for a machine that fell over."""
    told = report({"a": ORPHAN}, STORY, ["machine-3 ended by itself"], 15.0)
    assert not told.ok
    assert "FAILURE  machine-3 ended by itself" in told.lines()


def test_an_orphan_that_nobody_took_is_never() -> None:
    """The slowest takeover is unknown as long as one is missing."""
    told = report({"a": ORPHAN, "b": ORPHAN[:1]}, STORY, [], 15.0)
    assert told.figures.slowest_takeover is None
    assert any("never" in line for line in told.lines())


def test_json_is_one_object_with_the_same_verdict() -> None:
    """Programs read ok, the figures and the violations."""
    told = json.loads(json.dumps(report({"a": ORPHAN[:1]}, STORY, [], 15.0).as_json()))
    assert told["ok"] is False
    assert told["killed"] == "m2"
    assert told["violations"][0]["unit"] == "a"


def test_a_demo_that_ended_early_is_told_without_a_kill() -> None:
    """Nothing in the summary needs the kill to have happened."""
    told = report({"a": ORPHAN[:1]}, Story(10.0, None, 2.0), [], 3.0)
    assert told.as_json()["killed"] is None
    assert any("nobody was killed" in line for line in told.lines())
