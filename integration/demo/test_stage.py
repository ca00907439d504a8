"""The stage with a real machine: it stops what listens, and ends what does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coordination.demo import stage as module
from coordination.demo.stage import Stage


def owning(stage: Stage) -> None:
    """Start the one machine and wait until it owns its unit."""
    stage.start("m1", machines=1, period=2.0, break_store=False)
    end = time.monotonic() + 30
    while not stage.logs()["unit-01"] and time.monotonic() < end:
        time.sleep(0.05)
    assert stage.logs()["unit-01"]


def pid_of(folder: Path) -> int:
    """The process id of the machine that works in the folder."""
    listed = subprocess.run(["ps", "-Aww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
    (line,) = [line for line in listed.stdout.splitlines() if "demo.machine" in line and str(folder) in line]
    return int(line.split()[0])


def test_a_machine_stops_when_asked(tmp_path: Path) -> None:
    """It says stop in its log, ends with 0, and that is no failure."""
    with Stage(tmp_path / "kept", 1) as stage:
        owning(stage)
        stage.stop()
        assert stage.failures() == []
        assert stage.logs()["unit-01"][-1].kind == "stop"


@pytest.mark.skipif(sys.platform == "win32", reason="nothing stops a process on Windows")
def test_a_machine_that_does_not_listen_is_killed_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped process cannot end by itself: it is killed after a while, and the demo fails."""
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    with Stage(tmp_path / "kept", 1) as stage:
        owning(stage)
        pid = pid_of(stage.folder)
        os.kill(pid, signal.SIGSTOP)
        stage.stop()
        assert stage.failures() == ["m1 ended with code -9: it said nothing"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_killed_machine_is_no_failure(tmp_path: Path) -> None:
    """The director killed it on purpose."""
    with Stage(tmp_path / "kept", 1) as stage:
        owning(stage)
        stage.kill("m1")
        assert stage.failures() == []
        assert stage.logs()["unit-01"][-1].kind != "stop"
