"""What is shown while the demo runs: rows, events once each, and both ways to watch."""

from __future__ import annotations

import io

from rich.console import Console

from coordination.demo import table
from coordination.demo.log import Entry
from coordination.demo.plain import PlainLines
from coordination.demo.scene import Scene
from coordination.demo.scheduler.writer import START, STOP, WORK
from tests.demo.plays import entry


def scene_of(*entries: Entry, now: float = 10.0) -> Scene:
    scene = Scene(began=0.0, ttl=2.0)
    scene.refresh({"unit-01": entries}, now)
    return scene


def test_a_row_shows_owner_token_and_age_of_the_tenure() -> None:
    """Age counts from the first entry with the token, not from the last."""
    (row,) = scene_of(entry(START, 5, "m1 v1", 7.0), entry(WORK, 5, "m1 v1", 9.0)).rows
    assert (row.owner, row.token, row.age) == ("m1 v1", 5, 3.0)


def test_a_silent_owner_is_nobody() -> None:
    """After a ttl without an entry, and after a stop, the unit has no owner."""
    assert scene_of(entry(START, 5, "m1 v1", 7.0)).rows[0].owner is None
    assert scene_of(entry(START, 5, "m1 v1", 9.0), entry(STOP, 5, "m1 v1", 9.5)).rows[0].owner is None


def test_the_dead_own_nothing() -> None:
    """However fresh their last entries are."""
    scene = scene_of(entry(START, 5, "m1 v1", 9.5))
    assert scene.owners == {"unit-01": "m1 v1"}
    scene.dead.add("m1 v1")
    assert scene.owners == {}


def test_the_leader_is_no_unit() -> None:
    """It is shown apart."""
    scene = Scene(began=0.0, ttl=2.0)
    scene.refresh({"leader": [entry(START, 5, "m1 v1", 9.0)]}, 10.0)
    assert (scene.rows, scene.leader.owner) == ([], "m1 v1")
    assert scene.lines() == ["  9.00 s  m1 v1 leads (token 5)"]


def test_every_event_is_told_once() -> None:
    """Starts, stops and refusals are events, work is not, and a second look repeats none."""
    entries = [
        entry(START, 5, "m1 v1", 1.0),
        entry(WORK, 5, "m1 v1", 1.1),
        entry(WORK, 4, "m2 v1", 1.2, refused=True),
        entry(STOP, 5, "m1 v1", 1.3),
        entry(WORK, 4, "m2 v1", 1.4, refused=True, believed=False),
    ]
    scene = scene_of(*entries)
    scene.refresh({"unit-01": entries}, 11.0)
    assert [event.at for event in scene.events] == [1.0, 1.2, 1.3, 1.4]
    assert scene.refused == 1


def test_plain_lines_come_one_per_event() -> None:
    """Each call writes only what is new."""
    written: list[str] = []
    view = PlainLines(written.append)
    scene = scene_of(entry(START, 5, "m1 v1", 1.0))
    view(scene)
    view(scene)
    scene.tell(2.0, "m1 killed")
    view(scene)
    assert written == ["  1.00 s  m1 v1 took unit-01 (token 5)", "  2.00 s  m1 killed"]


def test_the_table_marks_the_killed_owner() -> None:
    """The picture names unit, owner, token, age and the latest event, and who is dead."""
    scene = scene_of(entry(START, 1234567, "m1 v1", 8.5))
    scene.dead.add("m1 v1")
    console = Console(file=io.StringIO(), width=80, record=True)
    for part in table.picture(scene).renderables:
        console.print(part)
    shown = console.export_text()
    for expected in ("unit-01", "m1 v1 (killed)", "1234567", "1.5 s", "m1 v1 took unit-01", "leader: nobody"):
        assert expected in shown


def test_thirteen_units_fit_into_a_terminal() -> None:
    """24 lines of 80 characters, also with real tokens and the longest event."""
    scene = Scene(began=0.0, ttl=4.0)
    token = 1795314781306098
    names = [f"unit-{n:02}" for n in range(1, 14)]
    logs = {name: [entry(START, token + n, "machine-1 v1", 9.0)] for n, name in enumerate(names)}
    scene.refresh(logs, 10.0)
    console = Console(file=io.StringIO(), width=80, record=True)
    for part in table.picture(scene).renderables:
        console.print(part)
    lines = console.export_text().rstrip("\n").splitlines()
    assert len(lines) <= 24
    assert all(f"{token + 12}" in line for line in lines if "unit-13  " in line)
