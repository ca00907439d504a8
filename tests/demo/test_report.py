"""The summary: figures from the logs, a verdict, and the same for programs."""

from __future__ import annotations

import json

from coordination.demo.judge import ONE_LEADER, ONE_OWNER, RULES
from coordination.demo.report import report
from coordination.demo.scheduler.writer import WORK
from coordination.demo.story import Story
from tests.demo.plays import entry, play, story


def test_figures_come_from_the_logs() -> None:
    """Writes, grants, orphans, the slowest takeover and handover are counted from the entries."""
    figures = report(play(), story(), []).figures
    assert (figures.units, figures.grants, figures.leaders, figures.refused) == (3, 8, 4, 1)
    assert (figures.owned_at_start, figures.orphaned, figures.slowest_takeover) == (2, 1, 5.5)
    assert (figures.handed_over, figures.slowest_handover, figures.version_gap) == (3, 1.0, 0.5)
    assert figures.processes == 19


def test_a_passed_demo_says_so_for_every_rule() -> None:
    """One line per rule, each ok, and the verdict last."""
    lines = report(play(), story(), []).lines()
    assert [line[:4] for line in lines[:-1]] == ["ok  "] * len(RULES)
    assert lines[-1] == "passed after 50.0 s"


def test_a_violation_fails_its_rule_and_is_told() -> None:
    """The rule's line says FAIL, the violation names its unit, the verdict is FAILED."""
    logs = play()
    logs["a"].append(entry(WORK, 2, "m3 v1", 46.0, refused=True))
    told = report(logs, story(), [])
    assert not told.ok
    assert any(line.startswith(f"FAIL  {ONE_OWNER}") for line in told.lines())
    assert any(line.startswith("VIOLATION  a: m3") for line in told.lines())
    assert any(line.startswith(f"ok    {ONE_LEADER}") for line in told.lines())
    assert told.lines()[-1].startswith("FAILED")


def test_a_failure_of_a_machine_fails_the_demo() -> None:
    """Clean logs do not make up for a machine that fell over."""
    told = report(play(), story(), ["machine-3 ended by itself"])
    assert not told.ok
    assert "FAILURE  machine-3 ended by itself" in told.lines()


def test_an_orphan_that_nobody_took_is_never() -> None:
    """The slowest takeover is unknown as long as one is missing."""
    logs = play()
    logs["a"] = [it for it in logs["a"] if it.token == 2]
    told = report(logs, story(), [])
    assert told.figures.slowest_takeover is None
    assert any("slowest never" in line for line in told.lines())


def test_json_is_one_object_with_the_same_verdict() -> None:
    """Programs read ok, the figures and the violations."""
    logs = play()
    logs["a"] = []
    told = json.loads(json.dumps(report(logs, story(), []).as_json()))
    assert told["ok"] is False
    assert told["killed"] == "m1 v1"
    assert {violation["unit"] for violation in told["violations"]} >= {"a"}


def test_a_demo_that_never_began_is_told() -> None:
    """Nothing in the summary needs anything to have happened, and nothing of it is ok."""
    told = report({}, Story(4.0, ("a",)), [])
    assert told.as_json()["killed"] is None
    assert [line[:4] for line in told.lines()[: len(RULES)]] == ["FAIL"] * len(RULES)
