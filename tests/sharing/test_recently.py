"""The last departures that a line was told of, and who has not been told yet."""

from __future__ import annotations

from coordination.sharing.waiter import MOST, Recently


def test_only_the_last_departures_are_remembered() -> None:
    """A line is small however long it lives; the count goes on."""
    recently = Recently()
    for number in range(MOST + 10):
        recently.add(f"k{number}")
    assert recently.count == MOST + 10
    assert not recently.since("k9", 0)
    assert recently.since("k10", 0)


def test_a_departure_counts_from_when_it_was_told_last() -> None:
    """A key that is used again departs again; told again it is the newest, and the last to be forgotten."""
    recently = Recently()
    recently.add("again")
    before = recently.count
    assert not recently.since("again", before)
    for number in range(MOST - 1):
        recently.add(f"k{number}")
    recently.add("again")
    recently.add("one more")
    assert recently.since("again", before)
    assert not recently.since("k0", 0)
