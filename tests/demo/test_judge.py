"""The judge: a demo that went well passes, and whatever goes wrong breaks the rule that names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from coordination.demo import judge as rule
from coordination.demo.judge import RULES, judge
from coordination.demo.scheduler.writer import START, WORK
from coordination.demo.story import Story
from tests.demo.plays import Play, entry, late, play, story, tenure


def broken(logs: Play, told: Story) -> set[str]:
    """The rules that are broken."""
    return {violation.rule for violation in judge(logs, told)}


def test_a_demo_that_went_well_passes() -> None:
    """Nothing to complain of."""
    assert judge(play(), story()) == []


def test_a_violation_names_rule_unit_and_machine() -> None:
    """The message is enough to look it up in the log."""
    logs = play()
    logs["c"].append(entry(WORK, 13, "m1 v2", 50.0, refused=True))
    (violation,) = judge(logs, story())
    assert (violation.rule, violation.unit) == (rule.ONE_OWNER, "c")
    assert "m1 v2" in violation.text


def _leader_again(logs: Play) -> None:
    logs["leader"] += tenure(30, "m2 v1", 49.5, 49.6, stop=False)


def _two_leaders(logs: Play) -> None:
    logs["leader"].append(entry(WORK, 1, "m1 v1", 26.0, refused=True))


def _falling(logs: Play) -> None:
    logs["c"] += tenure(11, "m1 v2", 49.5, 49.6)


def _unowned_at_the_start(logs: Play) -> None:
    logs["b"] = tenure(3, "m2 v1", 10.5, 13.5)


def _never_added(logs: Play) -> None:
    logs["c"] = tenure(4, "m2 v1", 25.5, 30.5)


def _still_there(logs: Play) -> None:
    logs["b"] += tenure(5, "m2 v1", 28.0, 28.5)


def _never_again(logs: Play) -> None:
    logs["a"] = [*tenure(2, "m1 v1", 2.0, 19.9, stop=False), late(2)]


def _again_too_late(logs: Play) -> None:
    _never_again(logs)
    logs["a"] += tenure(10, "m2 v1", 33.5, 34.5)


def _written_by_the_dead(logs: Play) -> None:
    logs["a"].append(entry(WORK, 2, "m1 v1", 20.3, refused=True, believed=False))


def _let_in_late(logs: Play) -> None:
    logs["a"].remove(late(2))


def _waited_for_the_ttl(logs: Play) -> None:
    logs["leader"] = [it for it in logs["leader"] if not (it.token == 9 and it.at < 31.0)]
    logs["leader"].insert(12, entry(START, 9, "m1 v2", 31.0))


def _not_upgraded(logs: Play) -> None:
    logs["c"] = [*tenure(4, "m2 v1", 12.5, 36.5, stop=False)]


def _never_let_go(logs: Play) -> None:
    logs["a"] = [it for it in logs["a"] if (it.kind, it.token) != ("stop", 12)]


BREAKS: list[tuple[str, Callable[[Play], None]]] = [
    (rule.ONE_LEADER, _leader_again),
    (rule.ONE_LEADER, _two_leaders),
    (rule.IN_ORDER, _falling),
    (rule.OWNED_AT_START, _unowned_at_the_start),
    (rule.EDITED, _never_added),
    (rule.EDITED, _still_there),
    (rule.OWNED_AGAIN, _never_again),
    (rule.OWNED_AGAIN, _again_too_late),
    (rule.DEAD_IS_DEAD, _written_by_the_dead),
    (rule.LATE_REFUSED, _let_in_late),
    (rule.TAKEN_OVER, _waited_for_the_ttl),
    (rule.UPGRADED, _not_upgraded),
    (rule.HANDED_OVER, _never_let_go),
]


@pytest.mark.parametrize(("name", "change"), [pytest.param(*it, id=it[1].__name__) for it in BREAKS])
def test_a_log_that_breaks_a_rule(name: str, change: Callable[[Play], None]) -> None:
    """The rule that names it is among the broken ones."""
    logs = play()
    change(logs)
    assert name in broken(logs, story())


def _outlived(told: Story) -> None:
    assert told.kill is not None
    told.kill = replace(told.kill, outlived=frozenset({7}))


def _drained_and_outlived(told: Story) -> None:
    assert told.drain is not None
    told.drain = replace(told.drain, outlived=frozenset({7}))


def _left(told: Story) -> None:
    told.left = frozenset({7})


@pytest.mark.parametrize(
    ("name", "change"),
    [(rule.DEAD_IS_DEAD, _outlived), (rule.HANDED_OVER, _drained_and_outlived), (rule.NOTHING_LEFT, _left)],
)
def test_a_process_that_is_still_there(name: str, change: Callable[[Story], None]) -> None:
    """Its pid is told."""
    told = story()
    change(told)
    (violation,) = judge(play(), told)
    assert violation.rule == name
    assert "pid 7" in violation.text


def test_what_was_not_played_is_not_passed() -> None:
    """A demo that ended at once breaks every rule, though nothing bad was seen."""
    assert broken({}, Story(4.0, ("a", "b"))) == set(RULES)


def test_a_late_takeover_is_judged_by_the_bound() -> None:
    """Exactly at the bound is in time, and a moment later is not."""
    told, logs = story(), play()
    told.ttl = 0.25
    assert told.bound == 5.5
    assert rule.OWNED_AGAIN not in broken(logs, told)
    told.ttl = 0.24
    assert rule.OWNED_AGAIN in broken(logs, told)
