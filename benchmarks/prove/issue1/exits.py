"""The interpreter exits in time although a lease is kept, also when the store has stopped answering."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.prove.children import line, running
from benchmarks.prove.figure import Figure, none_of
from coordination import connect

LIMIT = 3.0

KEEPER = """
import sys
from coordination import connect
manager = connect(sys.argv[1])
lease = manager.acquire_lease("kept", period=30).keep_alive()
print("kept", flush=True)
sys.stdin.readline()
print("ending", flush=True)
"""
LOSER = """
import sys, time
from coordination import connect
manager = connect(sys.argv[1])
lease = manager.acquire_lease("lost", period=30).keep_alive()
view = manager.get_lease("lost")
assert connect(sys.argv[1]).steal_lease("lost", "thief", 0, 30, view.index)
ends = time.monotonic() + 30
while lease.lost is None and time.monotonic() < ends:
    time.sleep(0.01)
sys.exit(0 if lease.lost == "stolen" else f"not stolen but {lease.lost}")
"""


def seconds_to_exit(folder: Path, *, blocked: bool) -> tuple[float, int, str]:
    """How long the program takes from the end of its main module to its exit; its code; its complaint."""
    with running(KEEPER, folder.as_uri()) as program, ExitStack() as held:
        line(program)
        if blocked:
            _hold_every_lock(folder, held)
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
        line(program)
        started = time.monotonic()
        program.wait(timeout=60)
        took = time.monotonic() - started
        assert program.stderr is not None
        return took, program.returncode, program.stderr.read()


def _hold_every_lock(folder: Path, held: ExitStack) -> None:
    """Lock the store's sidecars as a process would that was stopped while it wrote."""
    import fcntl

    for path in folder.rglob("*.lock"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDWR)
            held.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def figures() -> Iterator[Figure]:
    """Exit with the store answering, and with it blocked; then what a program without logging prints."""
    yield _exit("interpreter exit with a kept lease", blocked=False)
    yield _exit("interpreter exit with a store that stopped answering", blocked=True)
    yield _silence()


def _exit(name: str, *, blocked: bool) -> Figure:
    with tempfile.TemporaryDirectory() as made:
        took, code, complaint = seconds_to_exit(Path(made), blocked=blocked)
        with connect(Path(made).as_uri()) as manager:
            free = manager.get_lease("kept") is None
    parts = {
        "seconds": round(took, 2),
        "exit code": code,
        "stderr": complaint or "empty",
        "handed over": free,
    }
    clean = code == 0 and not complaint and free != blocked
    target = f"<= {LIMIT:g} s, exit code 0, nothing on stderr, handed over where the store answers"
    return Figure(name, target, f"{took:.2f} s", clean and took <= LIMIT, parts)


def _silence() -> Figure:
    with tempfile.TemporaryDirectory() as made, running(LOSER, Path(made).as_uri()) as program:
        try:
            printed, complained = program.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            return Figure("a program that configures no logging", "ends", "hung", passed=False)
    if program.returncode:
        return Figure(
            "a program that configures no logging loses a lease", "exit 0", complained, passed=False
        )
    name = "a program that configures no logging, and loses a lease"
    return none_of(name, "characters on stdout", len(printed), "all it printed", stderr=complained or "empty")
