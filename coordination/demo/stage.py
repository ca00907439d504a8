"""The stage of the demo: its folder and its machine processes, all of them gone at the end.

A machine is drained by SIGTERM, and ended by closing its standard input; one that does neither is killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from coordination.errors import ConfigurationError

_PATIENCE = 20.0
"""Seconds a machine gets to stop by itself."""

_DRAIN_SIGNAL: int = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)
_OWN_GROUP: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""On Windows only: Ctrl-Break is for a whole group."""


@dataclass(slots=True)
class _Machine:
    """A process; `told`: it is to end, and well."""

    name: str
    said: Path
    process: subprocess.Popen[bytes]
    told: bool = False
    killed: bool = False


class Stage:
    """Starts machines and ends them.

    `keep` None means a temporary folder, removed at the end. `store`: the URL of the store that all share;
    None: files in the folder. `broken`: one for each machine, so that everybody is granted everything.
    """

    def __init__(self, keep: Path | None, store: str | None, *, broken: bool = False) -> None:
        self._temporary = keep is None
        self.folder = _made(keep)
        self._store = store
        self._broken = broken
        self._machines: list[_Machine] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            if self._temporary:
                shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """The store of a machine. Files need not be durable: a killed process loses nothing of them."""
        if self._store is not None:
            return self._store
        folder = self.folder / "store" / name if self._broken else self.folder / "store"
        return f"{folder.as_uri()}?durable=false"

    def start(self, name: str, version: int, *options: str) -> None:
        """Start a machine; what it and its children say on standard error goes to a file of the folder."""
        command = [sys.executable, "-m", "coordination.demo.scheduler.machine", name]
        command += ["--version", str(version), *options]
        said = self.folder / f"{name}-v{version}.err"
        with said.open("wb") as file:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=file,
                env={**os.environ, "COORDINATION_URL": self.url(name)},
                creationflags=_OWN_GROUP,
            )
        self._machines.append(_Machine(f"{name} v{version}", said, process))

    def kill(self, name: str, version: int) -> None:
        """SIGKILL (on Windows TerminateProcess), and wait until the process is gone."""
        machine = self._of(name, version)
        machine.killed = True
        machine.process.kill()
        machine.process.wait()

    def drain(self, name: str, version: int) -> None:
        """Ask it to hand over everything and end."""
        machine = self._of(name, version)
        machine.told = True
        machine.process.send_signal(_DRAIN_SIGNAL)

    def runs(self, name: str, version: int) -> bool:
        """Whether it is still there."""
        return self._of(name, version).process.poll() is None

    def stop(self) -> None:
        """End every machine; kill those that have not within some seconds."""
        for machine in self._machines:
            machine.told = True
            if machine.process.stdin is not None:
                machine.process.stdin.close()
        for machine in self._machines:
            try:
                machine.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                machine.process.kill()
                machine.process.wait()

    @property
    def pid(self) -> int:
        """Our own."""
        return os.getpid()

    def pids(self) -> set[int]:
        """Of every machine there was."""
        return {machine.process.pid for machine in self._machines}

    def failures(self) -> list[str]:
        """A sentence for every machine that ended unasked or badly, with the last thing it said."""
        ended = [(machine, machine.process.poll()) for machine in self._machines if not machine.killed]
        return [_failure(it, code) for it, code in ended if code not in (None, 0 if it.told else None)]

    def _of(self, name: str, version: int) -> _Machine:
        return next(machine for machine in self._machines if machine.name == f"{name} v{version}")


def _failure(machine: _Machine, code: int | None) -> str:
    said = machine.said.read_text(errors="replace").strip().splitlines()
    last = said[-1] if said else "it said nothing"
    return f"{machine.name} ended with code {code}: {last}"


def _made(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="coordination-demo-"))
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigurationError(f"the demo needs an empty folder to keep, and {folder} is not empty")
    return folder
