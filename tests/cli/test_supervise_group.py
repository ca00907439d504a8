"""Process groups as the supervisor sees them: signalling members, and knowing when nobody is left."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from coordination.cli.supervise.group import Group


def failing(number: int) -> Callable[[int, int], None]:
    """A killpg that the system refuses."""

    def killpg(pgid: int, signum: int) -> None:
        raise OSError(number, os.strerror(number))

    return killpg


@pytest.fixture
def member() -> Iterator[subprocess.Popen[bytes]]:
    """A process that leads a group of its own."""
    program = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(program, process_group=0) as process:
        yield process
        process.kill()


def test_zombie_is_not_running(member: subprocess.Popen[bytes]) -> None:
    """A member that nobody has reaped counts for the kernel, but it runs nothing any more."""
    group = Group(member.pid)
    assert group.running()
    assert group.send(signal.SIGKILL)
    os.waitid(os.P_PID, member.pid, os.WEXITED | os.WNOWAIT)
    os.killpg(member.pid, 0)  # the kernel still knows the group
    assert not group.running()


def test_number_of_a_gone_group_is_never_signalled(
    member: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may belong to somebody else by now."""
    group = Group(member.pid)
    member.kill()
    member.wait()
    assert not group.running()
    sent: list[int] = []
    monkeypatch.setattr(os, "killpg", lambda pgid, signum: sent.append(signum))
    assert group.send(signal.SIGKILL)
    assert sent == []


def test_members_of_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """What we may not signal is there all the same."""
    monkeypatch.setattr(os, "killpg", failing(errno.EPERM))
    group = Group(12345)
    assert not group.send(signal.SIGTERM)
    assert not group.terminate()
    assert group.running()


def test_nobody_to_signal_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """They ended in the same moment."""
    monkeypatch.setattr(os, "killpg", failing(errno.ESRCH))
    assert Group(12345).send(signal.SIGTERM)
