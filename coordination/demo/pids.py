"""Which processes are still there, by pid, as the system tells and not as anybody reports.

A pid alone proves little: the system uses it again, and a process that ended keeps it until its parent
has asked for it. So a process counts if the words it was started with hold a mark that is ours.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def alive(mark: str, known: Iterable[int]) -> set[int]:
    """The pids of all running processes that were started with `mark` among their words.

    On Windows, which shows no other user's words, those of `known` that are in use.
    """
    if sys.platform == "win32":
        return {pid for pid in known if _in_use(pid)}
    if (_PROC / "self" / "cmdline").exists():
        return {int(folder.name) for folder in _PROC.iterdir() if _started_with(mark, folder)}
    listed = subprocess.run(["ps", "-Aww", "-o", "pid=,args="], capture_output=True, text=True, check=True)  # noqa: S607
    return {int(line.split()[0]) for line in listed.stdout.splitlines() if mark in line}


def _started_with(mark: str, folder: Path) -> bool:
    if not folder.name.isdigit():
        return False
    try:
        return mark.encode() in (folder / "cmdline").read_bytes()  # Empty for one that has ended.
    except OSError:
        return False


def _in_use(pid: int) -> bool:
    command = ["tasklist", "/NH", "/FI", f"PID eq {pid}"]
    return str(pid) in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
