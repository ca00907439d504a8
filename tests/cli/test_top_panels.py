"""From an overview to tables of text: what is said of each thing, and what fits."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from coordination.cli.live.fitting import LEAST, cut, fitted, shares
from coordination.cli.live.panels import Panel, change_row, panels, summary
from coordination.cli.live.screen import Picture
from coordination.recipes.overview.comparing import Change
from coordination.recipes.overview.model import Leadership, Overview, Queue, Stock
from tests.cli.records import holder

NOW = 1000.0


def busy(units: int = 2000, leases: int = 1000) -> Overview:
    """A pool on fifty machines, and many leases; ten units are free."""
    owners = {f"u{it}": holder(f"u{it}", f"m{it % 50:02}", it + 1) for it in range(units - 10)}
    stock = Stock("jobs", {f"u{it}": 1.0 for it in range(units)}, owners, frozenset(["m00", "idle"]))
    return Overview(
        NOW,
        leases=tuple(holder(f"job-{it:04}", "m", it + 1, since=float(it)) for it in range(leases)),
        leaders=(Leadership(holder("web", "m", 9, version=2, since=990.0), "http://x"),),
        locks=(Queue(holder("calm", "m")), Queue(holder("busy", "n"), 3)),
        pools=(stock,),
        groups={"web": (holder("a", "a"), holder("b", "b"))},
    )


def panel(look: Overview, first: str, second: str) -> Panel:
    """The one whose headings begin like that."""
    (found,) = (it for it in panels(look) if it.headings[:2] == (first, second))
    return found


def test_what_is_not_there_takes_no_room() -> None:
    """No table is empty, and the summary counts all the same."""
    assert panels(Overview(NOW)) == []
    assert summary(Overview(NOW)) == "0 leaders | 0 pools | 0 locks | 0 groups | 0 leases"


def test_the_summary_counts_units_and_those_who_wait() -> None:
    """One line that says how it is."""
    assert summary(busy()) == (
        "1 leader | 1 pool: 2000 units, 10 free | 2 locks: 3 waiting | 1 group | 1000 leases"
    )


def test_a_leader() -> None:
    """Machine, version, token, age, what it is about, what it proclaimed."""
    row = panel(busy(), "LEADER", "MACHINE").rows[0]
    assert row == ("web", "m", "2", "9", "10 s", "leads", "http://x")


@pytest.mark.parametrize(
    ("leadership", "state", "value"),
    [
        (Leadership(holder("x", "m"), None, taking_over=True), "takes over", "-"),
        (Leadership(holder("x", "m"), {"a": 1}, successor="n\x1b"), "hands over to n\\x1b", '{"a": 1}'),
        (Leadership(holder("x", "m"), b"abc"), "leads", "3 bytes"),
        (Leadership(holder("x", "m"), "\x07"), "leads", "\\x07"),
    ],
)
def test_what_a_leader_is_about(leadership: Leadership, state: str, value: str) -> None:
    """Taking over and handing over are said; no value steers the terminal."""
    row = panel(Overview(NOW, leaders=(leadership,)), "LEADER", "MACHINE").rows[0]
    assert row[-2:] == (state, value)


def test_units_by_machine() -> None:
    """The most loaded first, those without units as well; the bar is as long as the share is large."""
    rows = panel(busy(), "POOL", "MACHINE").rows
    assert len(rows) == 51
    assert rows[0] == ("jobs", "m00", "40", "40", "#" * 20)
    assert rows[-1] == ("jobs", "idle", "0", "0", "")
    assert panel(busy(), "POOL", "UNITS").rows == [("jobs", "2000", "10", "51", "40", "0")]


def test_a_pool_without_machines() -> None:
    """All of it is free, and nobody has most."""
    look = Overview(NOW, pools=(Stock("p", {"a": 1.0}),))
    assert panel(look, "POOL", "UNITS").rows == [("p", "1", "1", "0", "-", "-")]


def test_the_locks_that_most_wait_for_come_first() -> None:
    """They are what one looks for."""
    assert [row[:3] for row in panel(busy(), "LOCK", "HOLDER").rows] == [
        ("busy", "n", "3"),
        ("calm", "m", "0"),
    ]


def test_the_newest_leases_come_first() -> None:
    """Those of long ago are the ones that do not fit."""
    rows = panel(busy(), "LEASE", "MACHINE").rows
    assert [row[0] for row in rows[:2]] == ["job-0999", "job-0998"]


def test_a_group() -> None:
    """How many, and who."""
    assert panel(busy(), "GROUP", "MEMBERS").rows == [("web", "2", "a, b")]


def test_a_change_says_who_lost_what_to_whom() -> None:
    """With the new token; nobody is somebody, too; many units are one line without a token."""
    lost, got = holder("u", "a", 1), holder("u", "b", 2)
    assert change_row(Change(NOW, "unit", "p", "u", lost, got))[1:] == ("unit", "p/u", "a", "b", "2")
    assert change_row(Change(NOW, "lease", "", "u", lost, None))[1:] == ("lease", "u", "a", "nobody", "-")
    many = Change(NOW, "unit", "p", "", lost, got, 40)
    assert change_row(many)[1:] == ("unit", "p: 40 units", "a", "b", "-")


def test_the_latest_change_comes_first() -> None:
    """It is what one has not seen yet."""
    changes = [Change(float(at), "lease", "", f"x{at}", None, holder("x", "a")) for at in (1, 2)]
    assert [row[2] for row in panels(Overview(NOW), changes)[0].rows] == ["x2", "x1"]


@pytest.mark.parametrize(
    ("wanted", "room", "given"),
    [
        ([1, 2, 3], 10, [1, 2, 3]),
        ([1000, 2, 50], 12, [5, 2, 5]),
        ([5, 5, 5], 7, [2, 2, 3]),
        ([5, 5], -3, [0, 0]),
        ([], 9, []),
    ],
)
def test_room_is_shared(wanted: list[int], room: int, given: list[int]) -> None:
    """Small ones get all they want, large ones the same."""
    assert shares(wanted, room) == given


def test_what_is_cut_is_counted() -> None:
    """The line that says so has its place among those allowed."""
    whole = Panel(("X",), [(str(it),) for it in range(10)])
    assert cut(whole, 10) == whole
    part = cut(whole, 4)
    assert ([row[0] for row in part.rows], part.more) == (["0", "1", "2"], 7)


@pytest.mark.parametrize("lines", [3, 24, 60])
def test_everything_is_shown_or_counted(lines: int) -> None:
    """Whatever fits: of no table anything is lost silently, and each has at least a line or two."""
    before = panels(busy())
    after = fitted(before, lines)
    assert [len(it.rows) + it.more for it in after] == [len(it.rows) for it in before]
    assert all(
        len(it.rows) + bool(it.more) >= min(LEAST, len(was.rows))
        for it, was in zip(after, before, strict=True)
    )


@pytest.mark.parametrize(("height", "width"), [(24, 80), (50, 200), (200, 60)])
def test_a_picture_fits_the_terminal(height: int, width: int) -> None:
    """Line by line, with 2 000 units and 1 000 leases; what does not fit is counted."""
    said = drawn(Picture(busy(), [], "", 2.0), height, width)
    assert len(said) <= height
    assert max(map(len, said)) <= width
    assert any(line.startswith("… ") and line.endswith(" more") for line in said)
    assert any(line.startswith("1 leader | 1 pool") for line in said)


def test_a_picture_of_old_says_why_it_is_old() -> None:
    """While the store does not answer the last look stays, in its words, without steering the terminal."""
    said = drawn(Picture(busy(), [], "no \x1b answer", 2.0), 24, 100)
    assert "no newer look: no \\x1b answer" in said


def drawn(picture: Picture, height: int, width: int) -> list[str]:
    """The lines on a terminal of that size."""
    file = io.StringIO()
    Console(file=file, height=height, width=width, color_system=None, legacy_windows=False).print(picture)
    return [line.rstrip() for line in file.getvalue().rstrip().split("\n")]
