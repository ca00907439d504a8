"""What is shown while the demo runs: rows, events once each, and both ways to watch."""

from __future__ import annotations

import io

from rich.console import Console

from coordination.demo import table
from coordination.demo.log import REFUSED, START, STOP, WORK, Entry
from coordination.demo.plain import PlainLines
from coordination.demo.scene import Scene


def scene_of(*entries: Entry, now: float = 10.0) -> Scene:
    scene = Scene(began=0.0, period=2.0)
    scene.refresh({"unit-01": entries}, now)
    return scene


def test_a_row_shows_owner_token_and_age_of_the_tenure() -> None:
    """Age counts from the first entry with the token, not from the last."""
    (row,) = scene_of(Entry(START, 5, "m1", 7.0), Entry(WORK, 5, "m1", 9.0)).rows
    assert (row.owner, row.token, row.age) == ("m1", 5, 3.0)


def test_a_silent_owner_is_nobody() -> None:
    """After a period without an entry the unit has no owner."""
    assert scene_of(Entry(START, 5, "m1", 7.0)).rows[0].owner is None


def test_owned_needs_a_living_owner() -> None:
    """A unit of a killed machine is not owned, however fresh its last entry."""
    scene = scene_of(Entry(START, 5, "m1", 9.5))
    assert scene.owned
    scene.dead.add("m1")
    assert not scene.owned


def test_every_event_is_told_once() -> None:
    """Starts, stops and refusals are events, work is not, and a second look repeats none."""
    entries = [
        Entry(START, 5, "m1", 1.0),
        Entry(WORK, 5, "m1", 1.1),
        Entry(REFUSED, 4, "m2", 1.2),
        Entry(STOP, 5, "m1", 1.3),
    ]
    scene = scene_of(*entries)
    scene.refresh({"unit-01": entries}, 11.0)
    assert [event.at for event in scene.events] == [1.0, 1.2, 1.3]
    assert scene.refused == 1


def test_plain_lines_come_one_per_event() -> None:
    """Each call writes only what is new."""
    written: list[str] = []
    view = PlainLines(written.append)
    scene = scene_of(Entry(START, 5, "m1", 1.0))
    view(scene)
    view(scene)
    scene.tell(2.0, "m1 killed")
    view(scene)
    assert written == ["  1.00 s  m1 took unit-01 (token 5)", "  2.00 s  m1 killed"]


def test_the_table_marks_the_killed_owner() -> None:
    """The picture names unit, owner, token, age and the latest event, and who is dead."""
    scene = scene_of(Entry(START, 1234567, "m1", 8.5))
    scene.dead.add("m1")
    console = Console(file=io.StringIO(), width=80, record=True)
    for part in table.picture(scene).renderables:
        console.print(part)
    shown = console.export_text()
    for expected in ("unit-01", "m1 (killed)", "1234567", "1.5 s", "m1 took unit-01"):
        assert expected in shown
