"""What the documents show is run: every Python block, and every link leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
]
BLOCK = re.compile(r"^( *)```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def blocks(page: str) -> list[str]:
    """The Python blocks of a page, without the indentation of the list they stand in."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in BLOCK.findall(text)]


PROGRAMS = [
    pytest.param(code, id=f"{page}-{number}") for page in PAGES for number, code in enumerate(blocks(page), 1)
]


def run(code: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as a reader would, with a state folder of its own."""
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "HOME": str(state), "PYTHONPATH": str(ROOT)}
    environment.pop("COORDINATION_URL", None)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("code", PROGRAMS)
def test_a_program_of_the_documents_runs(code: str, tmp_path: Path) -> None:
    """A block copied from a page runs to its end, without a warning."""
    ran = run(code, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_first_program_does_what_the_readme_says(tmp_path: Path) -> None:
    """It is about ten lines, runs both steps under one token, and frees the lease for the next start."""
    code = blocks("README.md")[0]
    assert len(code.splitlines()) <= 12
    first, second = run(code, tmp_path).stdout, run(code, tmp_path).stdout
    said = re.fullmatch(r"rotate, token (\d+)\nreport, token (\d+)\n", first)
    again = re.fullmatch(r"rotate, token (\d+)\nreport, token (\d+)\n", second)
    assert said and again
    assert said[1] == said[2]
    assert int(again[1]) > int(said[1])


def test_the_first_program_gives_way(tmp_path: Path) -> None:
    """While another process has the lease, the same program says so."""
    code = blocks("README.md")[0]
    url = (tmp_path / "coordination").as_uri()
    holding = f"import coordination\nmanager = coordination.connect({url!r})\n"
    holding += "assert manager.acquire_lease('nightly-report', period=30) is not None"
    assert run(holding, tmp_path).returncode == 0
    assert run(code, tmp_path).stdout == "another process has it\n"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link of a page names a file or folder of the repository."""
    targets = LINK.findall((ROOT / page).read_text(encoding="utf-8"))
    assert not [target for target in targets if not ((ROOT / page).parent / target).exists()]


def test_the_page_of_the_command_knows_the_exit_codes() -> None:
    """The exit codes are part of the interface: the page lists each of them."""
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert all(
        re.search(rf"^\| .*\b{code}\b.* \|", text, re.MULTILINE) for code in (1, 2, 120, 121, 122, 126, 127)
    )
