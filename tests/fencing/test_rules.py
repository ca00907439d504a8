"""Who is admitted, against the rule in its own words, whatever the order, also over restarts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from coordination import StaleToken
from coordination.fencing import Fence

Visit = tuple[str, int, bool]

VISITS = st.lists(
    st.tuples(st.sampled_from(("a", "b")), st.integers(1, 6), st.booleans()), min_size=1, max_size=30
)


def admitted(fence: Fence, visit: Visit) -> bool:
    name, token, shared = visit
    try:
        fence.check(name, token, shared=shared)
    except StaleToken:
        return False
    return True


def passes(visit: Visit, before: list[Visit]) -> bool:
    """A shared token is above all exclusive ones; an exclusive one not below those, above all shared ones."""
    name, token, shared = visit
    exclusive = [seen for other, seen, common in before if other == name and not common]
    common = [seen for other, seen, common in before if other == name and common]
    if shared:
        return all(token > seen for seen in exclusive)
    return all(token >= seen for seen in exclusive) and all(token > seen for seen in common)


@settings(deadline=None)  # The machine may be busy.
@given(VISITS)
def test_who_passes(visits: list[Visit]) -> None:
    """Each visit is judged by all that were admitted before it, name by name."""
    fence, before = Fence(), list[Visit]()
    for visit in visits:
        expected = passes(visit, before)
        assert admitted(fence, visit) is expected
        before += [visit] * expected


@settings(deadline=None)  # The machine may be busy.
@given(VISITS, st.sets(st.integers(0, 29), max_size=3))
def test_a_restart_changes_nothing(visits: list[Visit], restarts: set[int]) -> None:
    """A fence in a file, closed and opened at any moment, answers as one that was never closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "marks")
        kept, lasting = Fence(path), Fence()
        for number, visit in enumerate(visits):
            if number in restarts:
                kept.close()
                kept = Fence(path)
            assert admitted(kept, visit) is admitted(lasting, visit)
        kept.close()
