"""The judge: from the entries of the fenced resource to violations. Pure; no machine's own view counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coordination.demo import rules
from coordination.demo.log import Logs
from coordination.demo.story import Story

ONE_OWNER = "at most one owner of a unit at every moment"
ONE_LEADER = "at most one leader at every moment, and never an older version again"
IN_ORDER = "every write in the order of the tokens"
OWNED_AT_START = "every unit owned at the start"
EDITED = "a unit added is owned, a unit removed is not"
OWNED_AGAIN = "every unit owned again after the kill"
DEAD_IS_DEAD = "a killed machine's processes gone with it, by pid"
LATE_REFUSED = "late writes under the killed machine's tokens refused"
TAKEN_OVER = "version 2 leads without waiting for a ttl"
UPGRADED = "every unit and the leader at version 2"
HANDED_OVER = "drained machines hand over every unit"
NOTHING_LEFT = "nothing left running, by pid"

RULES: dict[str, Callable[[Logs, Story], rules.Found]] = {
    ONE_OWNER: rules.one_owner,
    ONE_LEADER: rules.one_leader,
    IN_ORDER: rules.in_order,
    OWNED_AT_START: rules.owned_at_start,
    EDITED: rules.edited,
    OWNED_AGAIN: rules.owned_again,
    DEAD_IS_DEAD: rules.dead_is_dead,
    LATE_REFUSED: rules.late_refused,
    TAKEN_OVER: rules.taken_over,
    UPGRADED: rules.upgraded,
    HANDED_OVER: rules.handed_over,
    NOTHING_LEFT: rules.nothing_left,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, with the unit (or "leader") and what the log shows."""

    rule: str
    unit: str
    text: str


def judge(logs: Logs, story: Story) -> list[Violation]:
    """Every violation, rule by rule."""
    return [Violation(name, unit, text) for name, rule in RULES.items() for unit, text in rule(logs, story)]
