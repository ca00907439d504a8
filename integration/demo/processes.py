"""Running the demo as a user does, and seeing what is left of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

LIMIT = 200
"""Seconds: the demo promises to end by itself in less than half of that."""

PROGRAM = "coordination.demo.scheduler."


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "coordination.cli", "demo", *words]


def demo(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
    )


def environment_in(folder: Path) -> dict[str, str]:
    """Temporary folders go where the test can see what is left of them."""
    (folder / "tmp").mkdir()
    return {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}


@contextmanager
def playing(
    environment: dict[str, str], *words: str, stdin: int | None = None, stdout: int, stderr: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """The demo, running; it is killed if the block ends before it does, for nobody would end it then."""
    with subprocess.Popen(
        command(*words), env=environment, stdin=stdin, stdout=stdout, stderr=stderr, text=True
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def plays_on(url: str, folder: Path) -> dict[str, Any]:
    """Play it on a store that is there, and see that it passes, leaves nothing and tells what it saw."""
    ran = demo(environment_in(folder), "--json", "--store", url)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    assert nothing_left(folder)
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def processes_of(folder: Path) -> list[str]:
    """Machines and children whose temporary files go to the folder, by their command lines.

    It stands in their environment, which only Linux shows; elsewhere all of a demo count.
    """
    if sys.platform != "linux":
        listed = subprocess.run(["ps", "-Aww", "-o", "args="], capture_output=True, text=True, check=True)
        return [line for line in listed.stdout.splitlines() if PROGRAM in line]
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
                if PROGRAM in words and str(folder).encode() in (entry / "environ").read_bytes():
                    found.append(words)
            except OSError:
                continue
    return found


def machines_of(folder: Path) -> list[str]:
    """The machines alone; one that is just starting a child may be found twice, until that has become it."""
    return [words for words in processes_of(folder) if f"{PROGRAM}machine" in words]


def eventually(condition: Callable[[], object]) -> None:
    """Wait for it, within reason."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def left_of(folder: Path) -> list[str]:
    """What is there of them after a while."""
    end = time.monotonic() + 30
    while processes_of(folder) and time.monotonic() < end:
        time.sleep(0.1)
    return processes_of(folder)


def nothing_left(folder: Path) -> bool:
    """No process and no folder."""
    return not left_of(folder) and not os.listdir(folder / "tmp")


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
