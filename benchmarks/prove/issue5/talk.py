"""Talking with the programs of a topic: every wait has an end, and whoever looks on sees how far it is."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.prove.children import calling
from benchmarks.prove.keepers import go

LOOK, TELL = 0.02, 2.0
"""Seconds between two looks at what is waited for, and between two lines about it."""


class Child:
    """A program that says JSON, a line each, and is sent empty lines."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self._program = program
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._program.pid

    def go(self) -> None:
        """On with it."""
        go(self._program)

    def told(self, within: float) -> dict[str, Any]:
        """The next thing that it says; an error if it does not, or has ended."""
        try:
            said = self._said.get(timeout=max(0.001, within))
        except queue.Empty:
            raise RuntimeError(f"nothing was heard of it for {within:g} s") from None
        if not said:
            assert self._program.stderr is not None
            raise RuntimeError(f"the program ended early: {self._program.stderr.read()[-3000:]}")
        report: dict[str, Any] = json.loads(said)
        return report

    def heard(self) -> dict[str, Any] | None:
        """The next thing that it has said already; None if there is none."""
        return None if self._said.empty() else self.told(0.0)

    def kill(self) -> None:
        """SIGKILL, and gone."""
        self._program.kill()
        self._program.wait(timeout=10.0)

    def ended(self) -> None:
        """It has read its last words, before its pipes are closed."""
        self._reader.join(10.0)

    def _read(self) -> None:
        assert self._program.stdout is not None
        for line in self._program.stdout:
            self._said.put(line)
        self._said.put("")


@contextmanager
def child(function: Callable[..., None], *arguments: str) -> Iterator[Child]:
    """A function of a module in a process of its own, for the length of a block."""
    with calling(function, *arguments) as program:
        started = Child(program)
        try:
            yield started
        finally:
            if program.poll() is None:
                program.kill()
            started.ended()


def say(**what: object) -> None:
    """What a program says to who started it."""
    print(json.dumps(what), flush=True)


def progress(text: str) -> None:
    """For whoever looks on."""
    print(f"  .. {text}", file=sys.stderr, flush=True)


def waited(condition: Callable[[], bool], seconds: float, state: Callable[[], str]) -> float | None:
    """Seconds until it was met; None if that took longer than so many. `state` says how far it is."""
    began = last = time.monotonic()
    while not condition():
        now = time.monotonic()
        if now - began > seconds:
            return None
        if now - last >= TELL:
            last = now
            progress(f"{state()}, {now - began:.0f} s")
        time.sleep(LOOK)
    return time.monotonic() - began
