"""Which processes are there, by pid: those that were started with our mark, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from coordination.demo.pids import alive

WAITS = "import sys; sys.stdin.read()"


def test_a_process_is_seen_until_it_has_ended() -> None:
    """Also while its parent has not asked for it yet: what has ended is gone."""
    mark = f"mark-{os.getpid()}-seen"
    command = [sys.executable, "-c", WAITS, mark]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        # A program that has just begun has no command line for a moment.
        assert _soon(mark, child.pid, {child.pid})
        child.kill()
        assert _soon(mark, child.pid, set())
        assert child.returncode is None


def _soon(mark: str, pid: int, expected: set[int]) -> bool:
    end = time.monotonic() + 30
    while (seen := alive(mark, {pid})) != expected and time.monotonic() < end:
        time.sleep(0.02)
    return seen == expected


def test_others_do_not_count() -> None:
    """A pid alone proves nothing: ours is in use, and not by what was marked."""
    assert alive(f"mark-{os.getpid()}-of-nobody", {os.getpid()}) == set()
