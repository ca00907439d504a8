"""Rules for any log: one owner at a time, tokens in order; every kind of violation is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coordination.demo.log import Entry
from coordination.demo.order import out_of_order, owned_twice
from coordination.demo.scheduler.writer import START, STOP, WORK
from tests.demo.plays import entry


def clean() -> list[Entry]:
    return [
        entry(START, 5, "m2 v1", 8.0),
        entry(WORK, 5, "m2 v1", 10.0),
        entry(START, 6, "m1 v1", 12.5),
        entry(WORK, 6, "m1 v1", 14.0),
        entry(STOP, 6, "m1 v1", 15.0),
    ]


def test_a_clean_takeover_passes() -> None:
    """Nothing to complain of."""
    assert list(owned_twice(clean())) == list(out_of_order(clean())) == []


def test_a_refused_believer_is_a_second_owner() -> None:
    """The fence kept the data right, and still two believed at once; who and with what is told."""
    (text,) = owned_twice([*clean(), entry(WORK, 5, "m2 v1", 16.0, refused=True)])
    assert "m2 v1" in text
    assert "token 5" in text


def test_a_late_writer_that_was_refused_is_none() -> None:
    """Whose time was over may be late: that is what the fence is for."""
    late = entry(WORK, 5, "m2 v1", 16.0, refused=True, believed=False)
    assert list(owned_twice([*clean(), late])) == list(out_of_order([*clean(), late])) == []


def test_one_token_for_two_processes() -> None:
    """Two owners that the fence cannot tell apart, even on one machine."""
    other = replace(entry(WORK, 6, "m1 v1", 14.5), pid=1)
    assert list(owned_twice([*clean()[:4], other]))


def test_tenures_that_overlap_in_time() -> None:
    """An older token in use after the newer one's first entry."""
    entries = clean()
    entries[1] = entry(WORK, 5, "m2 v1", 12.6)
    assert list(owned_twice(entries))


def test_a_falling_token() -> None:
    """The resource took a lower token after a higher one."""
    assert list(out_of_order([*clean(), entry(START, 4, "m3 v1", 16.0)]))


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param([entry(START, 6, "m1 v1", 15.5)], id="start after stop"),
        pytest.param([entry(WORK, 6, "m1 v1", 15.5)], id="work after stop"),
        pytest.param([entry(WORK, 7, "m1 v1", 15.5)], id="work without start"),
        pytest.param([entry(START, 7, "m1 v1", 15.5), entry(START, 7, "m1 v1", 15.6)], id="two starts"),
    ],
)
def test_a_token_that_is_used_again(extra: list[Entry]) -> None:
    """A token begins once, before any work with it, and its stop is the end of it."""
    assert list(out_of_order([*clean(), *extra]))
