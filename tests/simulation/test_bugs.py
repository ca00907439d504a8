"""Each bug seeded into the real recipe or the real shared sessions is found, by name, and shown again."""

from __future__ import annotations

import pytest

from tests.simulation.bugs import BUGS, seeded

MOST = 6_000
"""Schedules within which it must be found; most take a few hundred at most."""


@pytest.mark.parametrize("name", BUGS)
def test_the_bug_is_found(name: str) -> None:
    """With the bug, a schedule breaks a rule and breaks it again; the same schedules without it do not."""
    bug = BUGS[name]
    with seeded(name):
        report = bug.simulation.random(MOST)
        [finding] = report.findings
        again = bug.simulation.replay(finding.schedule)
    assert again is not None
    assert again.what == finding.what
    assert not bug.simulation.random(min(report.runs, 500)).findings


def test_there_are_ten() -> None:
    """As many as the issue asks for, or more."""
    assert len(BUGS) >= 10
