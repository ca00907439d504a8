"""The drawing: a row for the leader and each unit, a bar for each tenure, marks for what was done."""

from __future__ import annotations

from xml.etree import ElementTree

from coordination.demo.picture import LEFT, RIGHT, WIDTH, picture
from coordination.demo.story import Story
from tests.demo.plays import play, story

SVG = "{http://www.w3.org/2000/svg}"


def bars() -> dict[str, ElementTree.Element]:
    """What is drawn for each tenure, by what it says of itself."""
    drawn = ElementTree.fromstring(picture(play(), story()))
    titles = ((shape, shape.find(f"{SVG}title")) for shape in drawn.iter(f"{SVG}rect"))
    return {str(title.text): shape for shape, title in titles if title is not None}


def texts() -> list[str]:
    """All that is written."""
    return [str(shape.text) for shape in ElementTree.fromstring(picture(play(), story())).iter(f"{SVG}text")]


def test_every_tenure_has_its_bar() -> None:
    """Of each unit and of the leader, at its place in time; the whole width is the whole time."""
    shown = bars()
    assert len(shown) == 12
    scale = (WIDTH - LEFT - RIGHT) / 49.0
    first, second = shown["m1 v1, token 2"], shown["m2 v1, token 10"]
    assert abs(float(first.attrib["x"]) - (LEFT + 2.0 * scale)) < 0.1
    assert abs(float(second.attrib["width"]) - 5.0 * scale) < 0.2


def test_machines_have_colours_and_versions_strength() -> None:
    """Both versions of a machine are of one colour, the older one pale."""
    shown = bars()
    old, new, other = shown["m1 v1, token 2"], shown["m1 v2, token 12"], shown["m2 v1, token 10"]
    assert old.attrib["fill"] == new.attrib["fill"] != other.attrib["fill"]
    assert float(old.attrib["fill-opacity"]) < float(new.attrib["fill-opacity"])


def test_what_was_done_is_marked() -> None:
    """The edits, the kill, the upgrade, the drain, each leader, each refused write."""
    written = texts()
    for expected in (
        "c added, b removed",
        "SIGKILL: m1 v1",
        "upgrade: m2 v1 drained",
        "m1 v2 drained",
        "m1 v2 leads",
        "m2 v2 leads",
    ):
        assert expected in written
    assert written.count("\u00d7") == 1


def test_names_cannot_break_it() -> None:
    """A unit may be called what it likes."""
    logs = play()
    logs["<a&b>"] = logs.pop("a")
    drawn = ElementTree.fromstring(picture(logs, story()))
    assert "<a&b>" in [shape.text for shape in drawn.iter(f"{SVG}text")]


def test_a_demo_that_never_began_can_be_drawn() -> None:
    """An empty picture is a picture, so that a failed demo still ends with its verdict."""
    assert ElementTree.fromstring(picture({}, Story(4.0, ("a",)))).tag == f"{SVG}svg"
