"""A unit's command as a child process that does not outlive its machine, nor the machine's ownership.

The child's standard input is its leash: lines that say until when it may act (on the boot clock, which
all processes of a computer share), or "stop". The system closes it when the machine dies, however it
dies, on every platform; the kernel's own signal for that on Linux comes when the *thread* ends that
started the child. A command that does not heed its leash is killed when the unit is lost, but it would
outlive a killed machine: then only the fence is left.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress

PATIENCE = 2.0
"""Seconds that a child gets to stop by itself."""


class Child:
    """A running command. What it is told and for whom it works stands in its environment."""

    def __init__(self, command: Sequence[str], name: str, token: int, machine: str, version: int) -> None:
        told = {"NAME": name, "TOKEN": token, "MACHINE": machine, "VERSION": version}
        environment = {f"COORDINATION_{key}": str(value) for key, value in told.items()}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, env={**os.environ, **environment}, bufsize=0
        )

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._process.poll() is not None

    def allow(self, until: float) -> None:
        """It may act until then."""
        self._say(f"{until:.3f}\n")

    def ask(self) -> None:
        """It is to come to an end."""
        self._say("stop\n")

    def end(self, patience: float = PATIENCE) -> None:
        """Wait `patience` seconds for its end, then kill it; it is gone when this returns."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _say(self, line: str) -> None:
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # It has ended, which is found out by `ended`.
                self._process.stdin.write(line.encode())
