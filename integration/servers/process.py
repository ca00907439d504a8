"""A server as a child process that tests stop, pause and kill, and that never outlives the tests.

Each has a guard: a shell that waits for the end of a pipe that only our process holds, and then
kills the server. So nothing is left over even after kill -9 of pytest, on any POSIX system. (Linux's
parent death signal would come when the *thread* that started the server ends.)
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_PATIENCE = 20.0
"""Seconds a server has to end after SIGTERM, before it is killed."""


class ServerProcess:
    """A running server. Its output is appended to `log`."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                start_new_session=True,  # Ctrl-C is for pytest, which then ends it in order
            )
        self._guard = _guard_of(self._child.pid)
        self.paused = False

    @property
    def pid(self) -> int:
        """Of the server, also after its end."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended; a paused one has not."""
        return self._child.poll() is None

    def pause(self) -> None:
        """SIGSTOP: it keeps its connections and answers nothing, from when this returns."""
        if self.paused or not self.running:
            return
        self._child.send_signal(signal.SIGSTOP)
        os.waitpid(self.pid, os.WUNTRACED)  # The signal alone leaves it a moment in which it may answer.
        self.paused = True

    def resume(self) -> None:
        """SIGCONT."""
        self._child.send_signal(signal.SIGCONT)
        self.paused = False

    def stop(self) -> None:
        """SIGTERM, and wait for its end; SIGKILL if that does not come."""
        self.resume()
        self._child.terminate()
        try:
            self._child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            pass  # killed below
        self.kill()

    def kill(self) -> None:
        """SIGKILL, which also ends a paused one; may be called twice."""
        self._child.kill()
        self._child.wait(_PATIENCE)
        self.paused = False
        with self._guard:
            self._guard.kill()  # before its pipe ends, so that it never kills a pid that is no longer ours


def _guard_of(pid: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", 'read -r _; kill -KILL "$1"', "guard", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
