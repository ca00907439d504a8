"""docs/scheduler.md shows the program as it is, the rules as they are, and a picture that the demo draws."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from coordination.demo.judge import RULES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "scheduler.md").read_text(encoding="utf-8")
PROGRAM = ROOT / "coordination" / "demo" / "scheduler"


def test_the_excerpt_is_the_program() -> None:
    """Every line of it stands in leading.py, in this order."""
    excerpt = next(block for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) if "term.commit" in block)
    program = [line.strip() for line in (PROGRAM / "leading.py").read_text(encoding="utf-8").splitlines()]
    shown = [line.strip() for line in excerpt.splitlines()]
    begin = program.index(shown[0])
    assert program[begin : begin + len(shown)] == shown


def test_every_file_of_the_program_is_named() -> None:
    """The table has them all, and no others."""
    files = {path.name for path in PROGRAM.glob("*.py")} - {"__init__.py"}
    table = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+\.py)`", "".join(table))) == files


def test_the_summary_that_is_shown_has_every_rule() -> None:
    """In the order in which they are told, all of them ok."""
    assert [line[6:].split(": ")[0] for line in PAGE.splitlines() if line.startswith("ok  ")] == list(RULES)


def test_the_picture_is_of_a_whole_run() -> None:
    """Three machines at both versions, a kill, two upgrades, a drain."""
    drawn = ElementTree.parse(ROOT / "docs" / "scheduler.svg").getroot()
    texts = [text.text or "" for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {f"machine-{n} v{version}" for n in (1, 2, 3) for version in (1, 2)} <= set(texts)
    assert {"leader", "unit-01", "unit-13"} <= set(texts)
    assert sum(text.startswith("SIGKILL") for text in texts) == 1
    assert sum(text.startswith("upgrade") for text in texts) == 2
