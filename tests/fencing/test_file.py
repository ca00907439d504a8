"""A fence in a file: what it remembers, and who may have it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coordination import StaleToken, StoreError
from coordination.fencing import Fence

DIES_ACTING = """
import os, sys
from coordination.fencing import Fence
with Fence(sys.argv[1]).admit("accounts", 5):
    os._exit(9)
"""
OPENS = """
import sys
from coordination import StoreError
from coordination.fencing import Fence
assert "sqlite3" not in sys.modules
try:
    Fence(sys.argv[1])
except StoreError as error:
    print(error)
"""


def program(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run one with the path of the file."""
    command = [sys.executable, "-c", code, str(path)]
    # Measured, a child has loaded sqlite3 before its first line: coverage keeps its figures in one.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)


def test_death_while_acting(tmp_path: Path) -> None:
    """A resource that dies in the middle of an act has its token on disk already."""
    assert program(DIES_ACTING, tmp_path / "marks").returncode == 9
    with Fence(tmp_path / "marks") as fence:
        with pytest.raises(StaleToken):
            fence.check("accounts", 4)
        fence.check("accounts", 5)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """A second one is refused as long as the first is open: it would not see the other's marks."""
    with Fence(tmp_path / "marks") as fence:
        refused = program(OPENS, tmp_path / "marks")
        assert (refused.returncode, refused.stderr) == (0, "")
        assert refused.stdout == f"the fence's file {tmp_path / 'marks'}: database is locked\n"
        with pytest.raises(StoreError):
            Fence(tmp_path / "marks")
        fence.check("accounts", 1)
    assert program(OPENS, tmp_path / "marks").stdout == ""


def test_what_cannot_be_kept_is_not_admitted(tmp_path: Path) -> None:
    """If the file cannot be written the block does not run, and the mark is where it was."""
    with Fence(tmp_path / "marks") as fence:
        fence.check("accounts", 3)
        assert fence._file is not None
        fence._file._rows.execute("PRAGMA query_only = ON")
        acted = False
        with pytest.raises(StoreError, match="marks"), fence.admit("accounts", 5):
            acted = True
        assert not acted
        fence.check("accounts", 3)
        fence._file._rows.execute("PRAGMA query_only = OFF")
        fence.check("accounts", 4)


def test_marks_are_a_file_of_our_own(tmp_path: Path) -> None:
    """Something else at the path is an error, and stays as it was."""
    other = tmp_path / "notes.txt"
    other.write_text("not a database, and longer than its header would be\n" * 30)
    before = other.read_bytes()
    with pytest.raises(StoreError, match=r"notes\.txt"):
        Fence(other)
    assert other.read_bytes() == before
    with pytest.raises(StoreError):
        Fence(tmp_path)


@pytest.mark.parametrize("name", ["", "a/b", "naïve", "nul\0", "'; DROP TABLE mark"])
def test_any_name_is_kept(name: str, tmp_path: Path) -> None:
    """Names come back as they were."""
    with Fence(tmp_path / "marks") as fence:
        fence.check(name, 2)
        fence.check("other", 1)
    with Fence(tmp_path / "marks") as fence, pytest.raises(StaleToken):
        fence.check(name, 1)
