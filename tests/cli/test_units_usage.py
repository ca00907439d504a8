"""`units`: what makes no sense together is refused before anything is done."""

from __future__ import annotations

import pytest

from coordination import Manager
from tests.cli.conftest import Cli


@pytest.mark.parametrize(
    "words",
    [
        ("--add", "a", "--remove", "b"),
        ("--add", "a", "--watch"),
        ("--update", "a", "--remove", "a", "--payload", "x"),
        ("--update", "a"),
        ("--payload", "x"),
        ("--remove", "a", "--payload", "x"),
        ("--weight", "2"),
        ("--update", "a", "--payload", "x", "--weight", "2"),
        ("--add", "a", "--weight", "0"),
        ("--add", "a", "--weight", "nan"),
        ("--add", ""),
        ("--timeout", "3"),
        ("--watch", "--timeout", "-1"),
    ],
)
def test_what_makes_no_sense_is_refused(cli: Cli, other: Manager, words: tuple[str, ...]) -> None:
    """Nothing is changed by half of a command."""
    other.pool("jobs").add("b")
    assert cli.error("units", "jobs", *words)["exit_code"] == 2
    assert [unit.name for unit in other.pool("jobs").units()] == ["b"]
