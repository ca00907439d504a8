"""Programs that a topic starts: short Python texts in processes of their own, with the package importable."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_CALL = """
import importlib, sys
getattr(importlib.import_module(sys.argv[1]), sys.argv[2])(*sys.argv[3:])
"""


def python(
    code: str, *arguments: str, prefix: tuple[str, ...] = (), **options: object
) -> subprocess.Popen[str]:
    """Start `code`, with pipes for its standard streams; `prefix` goes before the interpreter."""
    command = [*prefix, sys.executable, "-c", code, *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, text=True, **{**pipes, **options})  # type: ignore[call-overload, no-any-return]


@contextmanager
def running(code: str, *arguments: str, prefix: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """A program for the length of a block; killed at its end if it still runs."""
    program = python(code, *arguments, prefix=prefix)
    try:
        yield program
    finally:
        if program.poll() is None:
            program.kill()
        program.communicate()


@contextmanager
def calling(function: Callable[..., None], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A program that calls a function of a module with strings, for the length of a block."""
    with running(_CALL, function.__module__, function.__name__, *arguments) as program:
        yield program


def line(program: subprocess.Popen[str]) -> str:
    """The next line that it prints; an error with what it complained about if it ended instead."""
    assert program.stdout is not None
    said = program.stdout.readline().strip()
    if not said:
        raise RuntimeError(f"the program ended early: {program.communicate()[1]}")
    return said


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Poll for a condition, so long at most."""
    ends = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < ends:
        time.sleep(0.01)
    return met
