"""What the documents show is run: every Python block, and every link leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.untraced  # its processes go over lines that others cover

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


ON_A_CLUSTER = ("docs/etcd.md", "docs/consul.md")
"""Their programs need a server: test_documents.py in integration/etcd and integration/consul runs them."""

PROGRAMS = [
    pytest.param(code, id=f"{page}-{number}")
    for page in PAGES
    for number, code in enumerate(blocks(page), 1)
    if page not in ON_A_CLUSTER
]


SLEEP = re.compile(r"time\.sleep\(\d+\)")


def hurried(code: str) -> str:
    """The program with all its work done at once."""
    return SLEEP.sub("time.sleep(0)", code)


def environment(state: Path) -> dict[str, str]:
    """Of a reader who has nothing but a state folder."""
    own = {"XDG_STATE_HOME": str(state), "HOME": str(state), "PYTHONPATH": str(ROOT)}
    return {**{key: value for key, value in os.environ.items() if key != "COORDINATION_URL"}, **own}


def run(code: str, state: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as a reader would, with a state folder of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment(state),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("code", PROGRAMS)
def test_a_program_of_the_documents_runs(code: str, tmp_path: Path) -> None:
    """A block copied from a page runs to its end, without a warning."""
    ran = run(hurried(code), tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_first_program_does_what_the_readme_says(tmp_path: Path) -> None:
    """It is about ten lines, runs both steps under one token, and frees the lease for the next start."""
    code = hurried(blocks("README.md")[0])
    assert len([line for line in code.splitlines() if line]) <= 12
    first, second = run(code, tmp_path).stdout, run(code, tmp_path).stdout
    said = re.fullmatch(r"rotate, token (\d+)\nreport, token (\d+)\n", first)
    again = re.fullmatch(r"rotate, token (\d+)\nreport, token (\d+)\n", second)
    assert said and again
    assert said[1] == said[2]
    assert int(again[1]) > int(said[1])


def test_the_first_program_gives_way(tmp_path: Path) -> None:
    """Started while the first start is at work, it says so: there is time enough to try that by hand."""
    code = blocks("README.md")[0]
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    ) as first:
        try:
            assert first.stdout is not None
            assert first.stdout.readline().startswith("rotate, ")
            assert run(code, tmp_path).stdout == "another process has it\n"
        finally:
            first.kill()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link of a page names a file or folder of the repository."""
    targets = LINK.findall((ROOT / page).read_text(encoding="utf-8"))
    assert not [target for target in targets if not ((ROOT / page).parent / target).exists()]


def test_the_page_of_the_command_knows_the_exit_codes() -> None:
    """The exit codes are part of the interface: the page lists each of them."""
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    codes = (1, 2, 120, 121, 122, 126, 127, 130)
    assert all(re.search(rf"^\| .*\b{code}\b.* \|", text, re.MULTILINE) for code in codes)
