"""The judge: a clean story passes, and every kind of violation is seen and named."""

from __future__ import annotations

import pytest

from coordination.demo.judge import (
    DEAD_IS_DEAD,
    ONE_OWNER,
    OWNED_AGAIN,
    OWNED_AT_START,
    TOKENS_RISE,
    judge,
)
from coordination.demo.log import REFUSED, START, STOP, WORK, Entry
from coordination.demo.story import Kill, Story

STORY = Story(settled=10.0, kill=Kill("m2", sent=10.0, gone=10.1), period=2.0)


def clean() -> list[Entry]:
    """A unit of the victim: owned until the kill, taken over 2.5 s later, given back at the end."""
    return [
        Entry(START, 5, "m2", 8.0),
        Entry(WORK, 5, "m2", 9.9),
        Entry(WORK, 5, "m2", 10.05),
        Entry(START, 6, "m1", 12.5),
        Entry(WORK, 6, "m1", 14.0),
        Entry(STOP, 6, "m1", 15.0),
    ]


def broken_rules(entries: list[Entry], story: Story = STORY) -> set[str]:
    return {violation.rule for violation in judge({"unit-01": entries}, story)}


def test_a_clean_takeover_passes() -> None:
    """Nothing to complain of."""
    assert judge({"unit-01": clean()}, STORY) == []


def test_a_survivors_unit_passes() -> None:
    """A unit that was never the victim's counts as owned again by its owner's next entry."""
    entries = [Entry(START, 5, "m1", 8.0), Entry(WORK, 5, "m1", 9.9), Entry(WORK, 5, "m1", 10.2)]
    assert judge({"unit-01": entries}, STORY) == []


def test_a_violation_names_unit_rule_and_machine() -> None:
    """The message is enough to look it up in the log."""
    entries = [*clean(), Entry(REFUSED, 5, "m3", 15.5)]
    (violation,) = judge({"unit-01": clean(), "unit-02": entries}, STORY)
    assert (violation.unit, violation.rule) == ("unit-02", ONE_OWNER)
    assert "m3" in violation.text
    assert "token 5" in violation.text


def test_a_refused_believer_is_a_second_owner() -> None:
    """The fence kept the data right, and still two machines believed at once."""
    entries = clean()
    entries.insert(5, Entry(REFUSED, 5, "m3", 14.5))
    assert broken_rules(entries) == {ONE_OWNER}


def test_one_token_for_two_machines() -> None:
    """A token that two machines write with is two owners that the fence cannot tell apart."""
    entries = clean()
    entries.insert(5, Entry(WORK, 6, "m3", 14.5))
    assert broken_rules(entries) == {ONE_OWNER}


def test_tenures_that_overlap_in_time() -> None:
    """An older token in use at a time later than the newer one's first entry."""
    entries = clean()
    entries[2] = Entry(WORK, 5, "m2", 12.6)
    assert ONE_OWNER in broken_rules(entries)


def test_a_falling_token() -> None:
    """The resource took a lower token after a higher one."""
    entries = [*clean(), Entry(START, 4, "m3", 16.0)]
    assert broken_rules(entries) == {TOKENS_RISE}


def test_an_old_token_written_after_a_newer_one() -> None:
    """A zombie whose write was let through breaks both the order and single ownership."""
    entries = clean()
    entries.insert(4, Entry(WORK, 5, "m2", 12.7))
    assert broken_rules(entries) >= {ONE_OWNER, TOKENS_RISE}


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param([Entry(START, 6, "m1", 15.5)], id="start after stop"),
        pytest.param([Entry(WORK, 6, "m1", 15.5)], id="work after stop"),
        pytest.param([Entry(WORK, 7, "m1", 15.5)], id="work without start"),
        pytest.param([Entry(START, 7, "m1", 15.5), Entry(START, 7, "m1", 15.6)], id="two starts"),
    ],
)
def test_a_token_that_is_used_again(extra: list[Entry]) -> None:
    """A token begins once, before any work with it, and its stop is the end of it."""
    assert broken_rules([*clean(), *extra]) == {TOKENS_RISE}


def test_a_unit_without_any_entry() -> None:
    """Nobody ever owned it."""
    assert broken_rules([]) == {OWNED_AT_START, OWNED_AGAIN}


def test_a_unit_given_back_before_the_kill() -> None:
    """A stop ends ownership at once, however fresh it is."""
    entries = clean()
    entries[1:3] = [Entry(STOP, 5, "m2", 9.9)]
    assert broken_rules(entries) == {OWNED_AT_START}


def test_a_unit_whose_owner_fell_silent_before_the_kill() -> None:
    """Who has not written for a period owns nothing."""
    entries = clean()
    entries[:3] = [Entry(START, 5, "m2", 7.9)]
    assert broken_rules(entries) == {OWNED_AT_START}


def test_a_takeover_that_never_came() -> None:
    """The victim's unit stays with nobody."""
    assert broken_rules(clean()[:3]) == {OWNED_AGAIN}


def test_a_takeover_that_came_late() -> None:
    """One moment after period + 2 s is late, and the bound itself is not."""
    on_time = [*clean()[:3], Entry(START, 6, "m1", 14.0)]
    late = [*clean()[:3], Entry(START, 6, "m1", 14.01)]
    assert broken_rules(on_time) == set()
    assert broken_rules(late) == {OWNED_AGAIN}


def test_a_takeover_by_refused_writers_is_none() -> None:
    """An entry the resource refused does not make an owner."""
    entries = [*clean()[:3], Entry(REFUSED, 4, "m1", 12.0)]
    assert OWNED_AGAIN in broken_rules(entries)


def test_the_victim_writes_after_its_death() -> None:
    """The wrong process was killed, or it was not dead."""
    entries = clean()
    entries.insert(3, Entry(WORK, 5, "m2", 10.2))
    assert broken_rules(entries) == {DEAD_IS_DEAD}


def test_a_story_without_a_kill_shows_nothing() -> None:
    """A demo that ended early never passes by accident."""
    assert broken_rules(clean(), Story(10.0, None, 2.0)) == {OWNED_AGAIN}
