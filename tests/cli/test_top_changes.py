"""What has another holder than at the look before: who lost it, and to whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coordination.cli.live.history import KEPT, History
from coordination.recipes.overview.comparing import FEW, changes
from coordination.recipes.overview.model import Holder, Leadership, Overview, Queue, Stock
from tests.cli.records import holder


def having(kind: str, *holders: Holder, at: float = 0.0) -> Overview:
    """A look that shows these, of one kind."""
    owners = {it.name: it for it in holders}
    fields = {
        "lease": {"leases": holders},
        "leader": {"leaders": tuple(map(Leadership, holders))},
        "lock": {"locks": tuple(map(Queue, holders))},
        "unit": {"pools": (Stock("p", dict.fromkeys(owners, 1.0), owners),)},
        "member": {"groups": {"p": holders}},
    }[kind]
    return Overview(at, **fields)  # type: ignore[arg-type]


KINDS = pytest.mark.parametrize("kind", ["lease", "leader", "lock", "unit", "member"])


@KINDS
def test_somebody_lost_it_to_another(kind: str) -> None:
    """One change, with both of them, at the time of the later look."""
    lost, got = holder("x", "a", 1), holder("x", "b", 2)
    (change,) = changes(having(kind, lost), having(kind, got, at=5.0))
    assert (change.at, change.kind, change.name, change.count) == (5.0, kind, "x", 1)
    assert (change.before, change.after) == (lost, got)
    assert change.within == ("p" if kind in ("unit", "member") else "")


@KINDS
def test_it_came_or_it_went(kind: str) -> None:
    """Nobody had it before, or has it now."""
    there = holder("x", "a")
    (came,) = changes(having(kind), having(kind, there))
    (went,) = changes(having(kind, there), having(kind))
    assert (came.before, came.after) == (None, there)
    assert (went.before, went.after) == (there, None)


@KINDS
def test_the_same_token_is_no_change(kind: str) -> None:
    """However its version, age or time left changed; another token of the same machine is one."""
    there = holder("x", "a", 7, left=3.0)
    assert changes(having(kind, there), having(kind, replace(there, left=9.0))) == []
    (anew,) = changes(having(kind, there), having(kind, replace(there, token=8)))
    assert (anew.before, anew.after) == (there, replace(there, token=8))


def test_many_units_that_went_the_same_way_are_one_change() -> None:
    """A machine that died loses hundreds at once; a few are told one by one."""
    for count in (FEW, FEW + 1):
        before = having("unit", *(holder(f"u{it}", "a", 1) for it in range(count)))
        after = having("unit", *(holder(f"u{it}", "b", 2) for it in range(count)))
        found = changes(before, after)
        assert [change.count for change in found] == ([1] * FEW if count == FEW else [count])
        assert all(change.before and change.before.machine_id == "a" for change in found)
        assert all(change.after and change.after.machine_id == "b" for change in found)


def test_ways_are_counted_apart() -> None:
    """To one machine and to another; and many leases of one machine are still named one by one."""
    before = having("unit", *(holder(f"u{it}", "a", 1) for it in range(10)))
    after = having("unit", *(holder(f"u{it}", "bc"[it % 2], 2) for it in range(10)))
    found = changes(before, after)
    assert sorted((change.after.machine_id, change.count) for change in found if change.after) == [
        ("b", 5),
        ("c", 5),
    ]
    many = having("lease", *(holder(f"job-{it}", "a") for it in range(10)))
    assert len(changes(many, having("lease"))) == 10


def test_the_history_begins_with_the_first_look() -> None:
    """What was there then is no news; what changed since is kept, the oldest first."""
    history = History()
    history.add(having("lease", holder("x", "a", 1)))
    assert list(history.changes) == []
    history.add(having("lease", holder("x", "b", 2)))
    history.add(having("lease", holder("x", "c", 3)))
    assert [change.after.machine_id for change in history.changes if change.after] == ["b", "c"]


def test_the_history_forgets() -> None:
    """It may run for weeks."""
    history = History()
    for token in range(KEPT + 10):
        history.add(having("lease", holder("x", "a", token + 1)))
    assert len(history.changes) == KEPT
    assert history.changes[-1].after == holder("x", "a", KEPT + 10)
