"""The scheduler by hand, as examples/scheduler/README.md says: a machine, a unit with one's own command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = [sys.executable, "examples/scheduler/units.py"]
TICK = ["sh", "examples/scheduler/tick.sh"]

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sh and no SIGTERM"),
    pytest.mark.untraced,  # its processes go over lines that others cover
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    url = f"{(tmp_path / 'store').as_uri()}?durable=false"
    return {**os.environ, "PYTHONPATH": str(ROOT), "COORDINATION_URL": url}


@pytest.fixture
def machine(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One machine, whose children's words go to `said`."""
    command = [sys.executable, "-m", "coordination.demo.scheduler.machine", "m1"]
    with (
        (tmp_path / "said").open("wb") as said,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=said) as running,
    ):
        try:
            yield running
            assert running.stdin is not None
            running.stdin.close()
            running.wait(60)
        finally:
            running.kill()


def units(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*UNITS, *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def until(condition: Callable[[], object]) -> None:
    """Wait for it, within reason."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_unit_runs_until_it_is_removed(
    environment: dict[str, str], machine: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """The command says under which token it runs, the list says the same, and it ends when it is removed."""
    said = tmp_path / "said"
    assert units(environment, "add", "clock", "--", *TICK).returncode == 0
    assert units(environment, "add", "clock", "--", *TICK).returncode == 1
    until(lambda: "clock runs on m1 under token " in said.read_text())
    token = said.read_text().split()[-1]
    assert units(environment, "list").stdout == f"clock m1 {token} sh examples/scheduler/tick.sh\n"
    assert units(environment, "remove", "clock").returncode == 0
    until(lambda: "clock ends on m1" in said.read_text())
    assert units(environment, "remove", "clock").returncode == 1
    assert units(environment, "list").stdout == ""


def test_a_drained_machine_stops_its_units_and_ends(
    environment: dict[str, str], machine: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """SIGTERM: the command is asked to stop, nobody owns the unit, and the machine ends well."""
    units(environment, "add", "clock", "--", *TICK)
    until(lambda: "clock runs" in (tmp_path / "said").read_text())
    machine.send_signal(signal.SIGTERM)
    assert machine.wait(60) == 0
    assert (tmp_path / "said").read_text().endswith("clock ends on m1\n")
    assert units(environment, "list").stdout == "clock - - sh examples/scheduler/tick.sh\n"
