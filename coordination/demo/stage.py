"""The stage of the demo: its folder and its machine processes, all of them gone at the end.

Machines are told to stop by closing their standard input; those that do not listen are killed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from coordination.demo.log import Entry, read
from coordination.errors import ConfigurationError

_PATIENCE = 5.0
"""Seconds a machine gets to stop by itself."""


class Stage:
    """Starts machines and ends them. `folder` None means a temporary one, removed at the end."""

    def __init__(self, folder: Path | None, units: int) -> None:
        self._temporary = folder is None
        self.folder = _made(folder)
        self._logs = {f"unit-{n:02}": self.folder / "logs" / f"unit-{n:02}.log" for n in range(1, units + 1)}
        self._machines: dict[str, subprocess.Popen[bytes]] = {}
        self._killed: set[str] = set()
        self._stopping = False

    def __enter__(self) -> Self:
        (self.folder / "logs").mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            if self._temporary:
                shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name: str, *, machines: int, period: float, break_store: bool) -> None:
        """Start the machine `name`; what it says on standard error goes to a file of the folder."""
        command = [sys.executable, "-m", "coordination.demo.machine", "--name", name]
        command += ["--folder", str(self.folder / "store")]
        command += ["--machines", str(machines), "--period", str(period)]
        command += ["--break-store"] * break_store
        command += map(str, self._logs.values())
        with self._said(name).open("wb") as said:
            self._machines[name] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
            )

    def kill(self, name: str) -> None:
        """SIGKILL (on Windows TerminateProcess), and wait until the process is gone."""
        self._killed.add(name)
        self._machines[name].kill()
        self._machines[name].wait()

    def stop(self) -> None:
        """Ask every machine to stop; kill those that have not within a few seconds."""
        self._stopping = True
        for machine in self._machines.values():
            if machine.stdin is not None:
                machine.stdin.close()
        for machine in self._machines.values():
            try:
                machine.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                machine.kill()
                machine.wait()

    def failures(self) -> list[str]:
        """A sentence for every machine that ended unasked or badly, with the last thing it said."""
        ended = {name: machine.poll() for name, machine in self._machines.items() if name not in self._killed}
        well = 0 if self._stopping else None
        return [self._failure(name, code) for name, code in ended.items() if code not in (None, well)]

    def logs(self) -> dict[str, list[Entry]]:
        """All entries, by unit."""
        return {unit: read(path) for unit, path in self._logs.items()}

    def _failure(self, name: str, code: int | None) -> str:
        said = self._said(name).read_text(errors="replace").strip().splitlines()
        last = said[-1] if said else "it said nothing"
        return f"{name} ended with code {code}: {last}"

    def _said(self, name: str) -> Path:
        return self.folder / f"{name}.err"


def _made(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="coordination-demo-"))
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigurationError(f"the demo needs an empty folder to keep, and {folder} is not empty")
    return folder
