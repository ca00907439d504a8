"""The command lines of the README are accepted by the command, and do what the README says of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import coordination

pytestmark = pytest.mark.untraced  # its processes go over lines that others cover

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
URL = "file:///var/lib/shop/leases"
FREE = ("coordination get", "coordination holders", "coordination members", "coordination units")
"""What says by its exit code that nobody is there."""


def block(kind: str, containing: str) -> str:
    """The README's block of that kind that contains a text."""
    found: list[str] = re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return next(text for text in found if containing in text)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with the programs that the README's lines start, each of which says its name."""
    for name in ("report.sh", "deploy.sh", "report", "shop-scheduler", "schedule", "serve"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} under $COORDINATION_TOKEN\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def sh(line: str, machine: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the README with its paths and its URL moved into a test's folder."""
    here = line.replace(URL, (machine / "leases").as_uri()).replace(
        "/usr/local/bin/coordination", "coordination"
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COORDINATION_URL": (machine / "leases").as_uri()}
    return subprocess.run(
        ["sh", "-c", here.replace("/usr/local/bin", str(machine))],
        cwd=machine,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_lines_about_the_command(machine: Path) -> None:
    """Each line is accepted; those that look for what is not there end with 1, the others with 0."""
    lines = block("sh", "coordination run").splitlines()
    ran = {line.split("  #")[0].strip(): sh(line, machine) for line in lines}
    codes = {line: each.returncode for line, each in ran.items()}
    assert codes == {line: int(line.startswith(FREE) and " -- " not in line) for line in ran}, ran
    assert "serve under" in ran["coordination members web --join -- ./serve"].stdout
    assert "report.sh under" in ran["coordination run nightly-report -- ./report.sh"].stdout


def test_the_crontab_line(machine: Path) -> None:
    """It runs the report where nobody holds the lease, and leaves quietly with 0 where somebody does."""
    setting, line = block("crontab", "nightly-report").splitlines()
    assert setting == f"COORDINATION_URL={URL}"
    schedule, command = line.split("  ", maxsplit=1)
    assert len(schedule.split()) == 5
    alone = sh(command, machine)
    assert alone.returncode == 0
    assert re.fullmatch(r"report under \d+\n", alone.stdout)
    with coordination.connect((machine / "leases").as_uri()) as manager:
        assert manager.acquire_lease("nightly-report", period=60) is not None
        beside = sh(command, machine)
    assert (beside.returncode, beside.stdout, beside.stderr) == (0, "", "")


def test_the_unit_of_systemd(machine: Path) -> None:
    """What ExecStart says runs the service under the lease."""
    unit = block("ini", "ExecStart")
    started = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert started is not None
    ran = sh(started[1], machine)
    assert ran.returncode == 0
    assert re.fullmatch(r"shop-scheduler under \d+\n", ran.stdout)
