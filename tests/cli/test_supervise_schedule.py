"""When TERM and KILL go out, for every period and grace: arithmetic, so shown by generated numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coordination.cli.supervise.schedule import schedule
from coordination.timing import margin

PERIODS = st.floats(min_value=0.05, max_value=1e6)
GRACES = st.floats(min_value=0.0, max_value=1e6)


@given(PERIODS, GRACES)
def test_kill_precedes_the_end_of_belief(period: float, grace: float) -> None:
    """KILL goes out before `held` turns false, which is a margin before the deadline."""
    plan = schedule(1000.0 + period, period, grace)
    assert plan.term <= plan.kill < plan.belief_ends
    assert plan.belief_ends == 1000.0 + period - margin(period)


@given(PERIODS, GRACES)
def test_term_leaves_time_for_a_hanging_renewal_and_its_retry(period: float, grace: float) -> None:
    """TERM comes only after a beat (a third), its patience (a quarter) and the next try (a twelfth)."""
    plan = schedule(period, period, grace)
    assert plan.kill - plan.term <= grace + 1e-6
    if period >= 5:  # below, the margin is a larger part, and one failure may be one too many
        assert plan.term >= period * (1 / 3 + 1 / 4 + 1 / 12) - 1e-6
    assert plan.term >= period * 0.5 - 1e-6


def test_the_defaults() -> None:
    """15 s of period and 5 s of grace: TERM at 10.6 s, KILL at 14.2 s after the last renewal."""
    plan = schedule(15.0, 15.0, 5.0)
    assert round(plan.term, 2) == 10.64
    assert round(plan.kill, 2) == 14.2
    assert plan.belief_ends == 14.25


def test_a_short_grace_is_kept() -> None:
    """A grace below the cap is exactly what lies between TERM and KILL."""
    plan = schedule(15.0, 15.0, 1.0)
    assert round(plan.kill - plan.term, 6) == 1.0
