"""Starting the programs, and what every test here needs to see of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 100.0
"""Seconds that a program may take on a busy machine before it counts as hung."""


def _environment(program: str) -> dict[str, str]:
    # coverage has a lock of its own: a child forked while another thread holds it would hang in it.
    foreign = ("COORDINATION_", "COVERAGE_") if program == "fork_often" else "COORDINATION_"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return {**kept, "PYTHONPATH": str(ROOT)}


@contextmanager
def started(program: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """The program, running; nothing of it is left after the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "integration.leases.programs", program, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(program),
        cwd=ROOT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def finished(program: str, url: str) -> tuple[str, str]:
    """Run the program to its end; its stdout and stderr."""
    with started(program, url) as process:
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, f"{program} ended with {process.returncode}: {err}"
        return out, err


def line(process: subprocess.Popen[str]) -> str:
    """The next line that it says; fails if it ends instead."""
    assert process.stdout is not None
    text = process.stdout.readline()
    if not text:
        assert process.stderr is not None
        raise AssertionError(f"it ended: {process.stderr.read()}")
    return text.strip()
