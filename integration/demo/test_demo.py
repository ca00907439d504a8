"""The demo for real: three processes, a SIGKILL, a verdict; and nothing left of it, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coordination.demo.log import read

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 60
"""Seconds: the demo promises to end by itself in less."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Temporary folders go where the test can see what is left of them."""
    (tmp_path / "tmp").mkdir()
    return {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "coordination.cli", "demo", *words]


def demo(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
    )


def machines_in(folder: Path) -> list[str]:
    """The command lines of machine processes that work in the folder."""
    listed = subprocess.run(["ps", "-Aww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "demo.machine" in line and str(folder) in line]


def nothing_left(folder: Path) -> bool:
    """No process and no folder; processes get a moment to end."""
    end = time.monotonic() + 20
    while machines_in(folder) and time.monotonic() < end:
        time.sleep(0.1)
    return not machines_in(folder) and not os.listdir(folder / "tmp")


def test_the_demo_passes(environment: dict[str, str], tmp_path: Path) -> None:
    """A line per event, a checked summary, exit code 0, and nothing left."""
    ran = demo(environment, "--plain")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    assert "machine-2 killed with SIGKILL" in ran.stdout
    summary = ran.stdout.split("\n\n")[-1].splitlines()
    assert [line[:4] for line in summary[:-1]] == ["ok  "] * 5
    assert summary[-1].startswith("passed after")
    assert nothing_left(tmp_path)


def test_the_verdict_is_that_of_the_kept_logs(environment: dict[str, str], tmp_path: Path) -> None:
    """--json is one object, and its figures are found again in the logs that --keep leaves."""
    kept = tmp_path / "kept"
    ran = demo(environment, "--json", "--keep", str(kept))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout)
    assert (told["ok"], told["units"], told["owned_at_start"], told["refused"]) == (True, 12, 12, 0)
    assert told["orphaned"] == 4
    assert 0 < told["slowest_takeover"] <= told["bound"] == 4.0
    assert told["violations"] == told["failures"] == []
    logs = [read(path) for path in sorted((kept / "logs").glob("unit-*.log"))]
    assert len(logs) == 12
    assert sum(map(len, logs)) == told["writes"]
    assert sum(len({entry.token for entry in log}) for log in logs) == told["grants"]
    assert {entry.machine for log in logs for entry in log} == {"machine-1", "machine-2", "machine-3"}
    assert told["kept"] == str(kept)
    assert not machines_in(kept)


def test_a_broken_store_is_seen(environment: dict[str, str], tmp_path: Path) -> None:
    """With a store that grants everything to everybody the demo names the violation and fails."""
    ran = demo(environment, "--json", "--break-store")
    assert ran.returncode == 1
    told = json.loads(ran.stdout)
    assert told["ok"] is False
    assert told["refused"] > 0
    rules = {violation["rule"] for violation in told["violations"]}
    assert "at most one owner of a unit at every moment" in rules
    assert nothing_left(tmp_path)


def test_on_a_terminal_it_is_a_table(environment: dict[str, str], tmp_path: Path) -> None:
    """With a terminal the units are drawn over and over; the verdict and the kept folder come below."""
    controller, terminal = os.openpty()
    kept = tmp_path / "kept"
    with subprocess.Popen(
        command("--break-store", "--keep", str(kept)),
        env={**environment, "TERM": "xterm"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    ) as running:
        os.close(terminal)
        shown = everything(controller)
    assert running.returncode == 1
    assert shown.count("unit-12") > 1
    assert "owner" in shown
    assert "VIOLATION  unit-01" in shown
    assert shown.index("FAILED after") < shown.index(f"kept in {kept}")


def everything(controller: int) -> str:
    """What is written to a terminal until its last user is gone."""
    shown = b""
    try:
        while chunk := os.read(controller, 4096):
            shown += chunk
    except OSError:
        pass  # Linux tells the end by EIO
    os.close(controller)
    return shown.decode()


def test_a_folder_that_is_in_use_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    """--keep wants an empty folder, so that nothing old is judged and nothing of the user's is touched."""
    ran = demo(environment, "--plain", "--keep", str(tmp_path))
    assert ran.returncode == 2
    assert "not empty" in ran.stderr
    assert os.listdir(tmp_path) == ["tmp"]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_an_interrupted_demo_leaves_nothing(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """Interrupted in the middle: the machines end and the folder goes."""
    with subprocess.Popen(
        command("--plain"), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        while "took unit-" not in running.stdout.readline():
            assert running.poll() is None
        running.send_signal(number)
        _, said = running.communicate(timeout=LIMIT)
    assert (running.returncode, said) == (code, "")
    assert nothing_left(tmp_path)


def test_a_killed_demo_takes_its_machines_along(environment: dict[str, str], tmp_path: Path) -> None:
    """After SIGKILL nobody can remove the folder, but the machines see their input close and end."""
    with subprocess.Popen(command("--plain"), env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while "took unit-" not in running.stdout.readline():
            assert running.poll() is None
        assert len(machines_in(tmp_path)) == 3
        running.kill()
    end = time.monotonic() + 20
    while machines_in(tmp_path) and time.monotonic() < end:
        time.sleep(0.1)
    assert machines_in(tmp_path) == []


def test_a_machine_that_falls_over_fails_the_demo(environment: dict[str, str], tmp_path: Path) -> None:
    """The director tells which one and why, instead of waiting for units that nobody can own."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "filelock.py").write_text("raise ImportError('no filelock today')\n")
    path = os.pathsep.join([str(tmp_path / "broken"), str(ROOT)])
    ran = demo({**environment, "PYTHONPATH": path}, "--plain")
    assert ran.returncode == 1
    assert "FAILURE  machine-1 ended with code 1: ImportError: no filelock today" in ran.stdout
    assert nothing_left(tmp_path)
