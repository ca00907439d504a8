"""Each bug seeded into the real recipes or what they stand on is found, by name, and shown again."""

from __future__ import annotations

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.leader_bugs import LEADER_BUGS
from tests.simulation.pool_bugs import POOL_BUGS
from tests.simulation.seeding import Bug

MOST = 6_000
"""Schedules within which it must be found; most take a few hundred at most."""

CONTROL = 100
"""Schedules that are run without it, at most."""

pytestmark = pytest.mark.untraced


@pytest.mark.parametrize(
    "bug",
    [
        pytest.param(bug, id=f"{of}-{name}")
        for of, bugs in (("lock", BUGS), ("leader", LEADER_BUGS), ("pool", POOL_BUGS))
        for name, bug in bugs.items()
    ],
)
def test_the_bug_is_found(bug: Bug) -> None:
    """With the bug, a schedule breaks a rule and breaks it again; the same schedules without it do not."""
    with bug.seeded():
        report = bug.simulation.random(MOST)
        [finding] = report.findings
        again = bug.simulation.replay(finding.schedule)
    assert again is not None
    assert again.what == finding.what
    assert not bug.simulation.random(min(report.runs, CONTROL)).findings


def test_there_are_enough() -> None:
    """As many as the issues ask for, or more."""
    assert len(BUGS) >= 10
    assert len(LEADER_BUGS) >= 8
    assert len(POOL_BUGS) >= 8
