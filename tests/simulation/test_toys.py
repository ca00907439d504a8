"""A small lock that is right stands every schedule; broken in one place, it does not."""

from __future__ import annotations

import pytest

from coordination.testing.simulation import Limits, Simulation
from tests.simulation import broken_toys
from tests.simulation.toys import ToyLock, Toys

ENOUGH = 8_000


SLOW = Limits(crashes=0, answers=0, cuts=0)
"""Only delays: what counts a deadline wrongly needs no more."""


def simulation(lock: type[ToyLock], limits: Limits | None = None) -> Simulation:
    """Of three clients with this lock."""
    return Simulation(type("Case", (Toys,), {"lock": lock}), limits)


@pytest.mark.untraced
def test_the_right_one_stands() -> None:
    """Nothing is found in thousands of random schedules, nor in every order to a depth."""
    report = simulation(ToyLock).random(1_000)
    assert not report.findings
    assert report.distinct > 750
    every = Simulation(Toys, Limits(answers=1, delays=0, cuts=0)).exhaust(5)
    assert not every.findings
    assert every.complete
    assert every.distinct > 100


@pytest.mark.parametrize(
    ("lock", "limits", "kind"),
    [
        (broken_toys.DeadlineFromAnswer, SLOW, "two holders"),
        (broken_toys.NoMargin, Limits(), "two holders"),
        (broken_toys.NoSecondLook, Limits(), "lost wake-up"),
        (broken_toys.LooksBeforeEntering, Limits(), "two holders"),
        (broken_toys.NeverLeaves, Limits(), "no end"),
    ],
)
def test_a_broken_one_is_found_out(lock: type[ToyLock], limits: Limits, kind: str) -> None:
    """It is found, for what it is, and the schedule shows it again."""
    [finding] = simulation(lock, limits).random(ENOUGH).findings
    assert finding.what.startswith(kind)
    again = simulation(lock, limits).replay(finding.schedule)
    assert again is not None
    assert again.what == finding.what
    assert simulation(ToyLock).replay("-+=:") is None
