"""The examples of fencing: the old holder is refused, and they notice if it is not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from integration.examples.test_examples import ROOT, example, finish, start

pytestmark = pytest.mark.untraced  # its processes go over lines that others cover

EXAMPLES = ("fencing_sql.py", "fencing_object_store.py")
STORY = re.compile(
    r"old: token (\d+), reads 100, holds the lease, and is paused: nothing renews it\n"
    r"new: token (\d+), reads 100\n"
    r"old: wakes up, and writes: refused, token \1 is stale\n"
    r"old: reads again: refused, token \1 is stale\n"
    r"old: insists: refused, token \1 is stale\n"
    r"new: adds 1; there are 101\n"
)
BREAKS = [
    pytest.param("fencing_sql.py", "AND token <= ?", "AND ? > 0", id="sql-any-token"),
    pytest.param("fencing_sql.py", "SET token = ?", "SET token = 0 * ?", id="sql-forgets"),
    pytest.param("fencing_object_store.py", 'if self.headers["If-Match"] !=', "if 0 ==", id="blind-puts"),
    pytest.param("fencing_object_store.py", 'if found["token"] < self.token', "if False", id="silent-reads"),
]


def url(folder: Path) -> str:
    """Leases without fsync: slow ones would use up the two seconds that the old holder has."""
    return f"{(folder / 'leases').as_uri()}?durable=false"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_old_holder_is_refused(name: str, tmp_path: Path) -> None:
    """On a write, on a read, and when it insists; the new holder's word stands."""
    told = STORY.fullmatch(finish(example(name, url(tmp_path))))
    assert told
    assert int(told[2]) > int(told[1])


@pytest.mark.parametrize(("name", "good", "bad"), BREAKS)
def test_a_hole_in_the_fence_is_noticed(name: str, good: str, bad: str, tmp_path: Path) -> None:
    """With one condition of the fence gone the program ends with an error, where the old holder came in."""
    code = (ROOT / "examples" / name).read_text(encoding="utf-8")
    assert good in code
    program = start(sys.executable, "-c", code.replace(good, bad), url(tmp_path))
    try:
        printed, _ = program.communicate(timeout=90)
    except subprocess.TimeoutExpired:
        program.kill()
        raise
    assert program.returncode == 1
    assert "an old holder was let in" in printed
