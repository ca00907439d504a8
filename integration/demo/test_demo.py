"""The demo as a user runs it, however it ends: what it says, and that nothing is left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coordination.demo.judge import RULES
from integration.demo.processes import (
    ROOT,
    demo,
    environment_in,
    eventually,
    everything,
    left_of,
    machines_of,
    nothing_left,
    playing,
)

FALLS_OVER = """
import os, sys
if "machine-2" in sys.orig_argv:
    os.write(2, b"no machine today")
    os._exit(1)
"""


# Coverage would slow down their many processes fourfold; test_play.py, test_stage.py, test_child.py have it.
untraced = pytest.mark.untraced


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return environment_in(tmp_path)


def test_a_broken_store_is_seen(environment: dict[str, str], tmp_path: Path) -> None:
    """With a store that grants everything to everybody the demo tells a line per event, and fails."""
    ran = demo(environment, "--plain", "--break-store")
    assert ran.returncode == 1
    assert ran.stderr == ""
    assert "BELIEVED IT HELD, AND WAS REFUSED" in ran.stdout
    summary = ran.stdout.split("\n\n")[-1].splitlines()
    assert {line[:4] for line in summary[: len(RULES)]} == {"FAIL", "ok  "}
    assert any(line.startswith("VIOLATION  ") and "believed" in line for line in summary)
    assert summary[-1].startswith("FAILED after")
    assert nothing_left(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_there_is_a_live_table(environment: dict[str, str], tmp_path: Path) -> None:
    """The table is drawn again and again, and the summary stands below it, also that of a failed demo."""
    controller, terminal = os.openpty()
    folder = tmp_path / "kept"
    words = ("--break-store", "--keep", str(folder))
    files = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    with playing({**environment, "TERM": "xterm"}, *words, **files) as running:
        os.close(terminal)
        shown = everything(controller)
        running.wait(60)
    assert running.returncode == 1
    assert shown.count("leader:") > 1
    assert "VIOLATION  " in shown
    assert shown.index("FAILED after") < shown.index(f"kept in {folder}")


@untraced
def test_a_folder_that_is_in_use_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    """--keep wants an empty folder, so that nothing of the user's is touched."""
    ran = demo(environment, "--plain", "--keep", str(tmp_path))
    assert ran.returncode == 2
    assert "not empty" in ran.stderr
    assert os.listdir(tmp_path) == ["tmp"]


@untraced
@pytest.mark.parametrize(
    ("store", "code"),
    [("memory://", 2), ("nothing://here", 2), ("etcd://127.0.0.1:1", 122)],
)
def test_a_store_that_cannot_serve_is_told(
    environment: dict[str, str], tmp_path: Path, store: str, code: int
) -> None:
    """In one line, by the exit code of every command, and without a trace."""
    ran = demo(environment, "--plain", "--store", store)
    assert ran.returncode == code
    assert ran.stderr.startswith("coordination: ")
    assert "Traceback" not in ran.stderr
    assert nothing_left(tmp_path)


@untraced
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_an_interrupted_demo_leaves_nothing(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """Interrupted in the middle: machines and children end, and the folder goes."""
    pipe = subprocess.PIPE
    with playing(environment, "--plain", stdout=pipe, stderr=pipe) as running:
        assert running.stdout is not None
        while "took unit-" not in running.stdout.readline():
            assert running.poll() is None
        running.send_signal(number)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (code, "")
    assert nothing_left(tmp_path)


@untraced
def test_a_killed_demo_takes_everything_along(environment: dict[str, str], tmp_path: Path) -> None:
    """After SIGKILL nobody can remove the folder, but machines see their input end, and so do children."""
    with playing(environment, "--plain", stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        while "took unit-" not in running.stdout.readline():
            assert running.poll() is None
        eventually(lambda: len(machines_of(tmp_path)) == 3)
        running.kill()
    assert left_of(tmp_path) == []


@untraced
def test_a_machine_that_falls_over_fails_the_demo(environment: dict[str, str], tmp_path: Path) -> None:
    """The director tells which one and why, instead of waiting for units that nobody can own."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(FALLS_OVER)
    path = os.pathsep.join([str(tmp_path / "broken"), str(ROOT)])
    ran = demo({**environment, "PYTHONPATH": path}, "--plain")
    assert ran.returncode == 1
    assert "FAILURE  machine-2 v1 ended with code 1: no machine today" in ran.stdout
    assert nothing_left(tmp_path)
