"""The guardian's end: when the supervisor ends, it is gone."""

from __future__ import annotations

import subprocess
import sys

HELD_UP = """
import os, signal
from coordination.cli.supervise import guardian
from coordination.clock import SystemClock
guardian._LOOKS = 20
command = os.fork()
if command == 0:
    os._exit(0)
watched = guardian.Guardian(command, SystemClock().now)
os.kill(watched.pid, signal.SIGSTOP)
os.waitid(os.P_PID, watched.pid, os.WSTOPPED | os.WNOWAIT)
os.waitpid(command, 0)
watched.dismiss()
watched.dismiss()
try:
    os.kill(watched.pid, signal.SIGKILL)
    print("left running")
except ProcessLookupError:
    print("gone")
"""


def test_a_guardian_that_stands_still_is_gone_all_the_same() -> None:
    """Held up for longer than anybody waits for it, it was left running when `coordination run` had ended."""
    ran = subprocess.run(
        [sys.executable, "-c", HELD_UP], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.stdout, ran.stderr) == ("gone\n", "")
