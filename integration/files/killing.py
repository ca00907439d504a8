"""Kills a process of ours with SIGKILL at any of its steps: before a system call, or halfway through a write.

The child is a fork, so that hundreds of kills take seconds; it makes its own manager, as it must.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "fcntl.flock"}


def killed_at(step: int, folder: Path, action: Callable[[], object]) -> bool:
    """Run `action` in a child that dies at its `step`-th step within `folder`; False if it had fewer."""
    child = os.fork()
    if child == 0:
        try:
            _arm(step, str(folder))
            action()
        except BaseException:  # noqa: BLE001 - reported by the exit code, and never into pytest's frames
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the child failed before its step"
    return False


def _arm(step: int, folder: str) -> None:
    left = [step]
    write, fsync = os.write, os.fsync

    def last() -> bool:
        left[0] -= 1
        return left[0] < 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        inside = event == "fcntl.flock" or str(arguments[0] if arguments else "").startswith(folder)
        if event in EVENTS and inside and last():
            _die()

    def half_a_write(handle: int, content: bytes) -> int:
        if last():
            write(handle, bytes(content[: len(content) // 2]))
            _die()
        return write(handle, content)

    def no_sync(handle: int) -> None:
        if last():
            _die()
        fsync(handle)

    os.write, os.fsync = half_a_write, no_sync  # type: ignore[assignment]
    sys.addaudithook(hook)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
