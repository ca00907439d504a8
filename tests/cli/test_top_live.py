"""`coordination top` on a terminal of its own: drawn again and again, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest

from coordination import Manager
from coordination.cli.live import screen
from coordination.errors import PermissionDenied, StoreUnavailable
from coordination.recipes.overview.model import Overview
from coordination.testing import FakeClock
from tests.cli.records import holder

ROOT = Path(__file__).resolve().parents[2]
SOON = 30.0
"""Seconds within which another process must have done something."""

posix = pytest.mark.skipif(os.name != "posix", reason="there are no pseudo-terminals")


class Terminal:
    """A live view on a pseudo-terminal, and all that it drew."""

    def __init__(self, process: subprocess.Popen[bytes], screen: int) -> None:
        self.process = process
        self._screen = screen
        self._drawn = b""

    def shows(self, text: str) -> None:
        """Wait until `text` is drawn."""
        self._until(lambda: text.encode() in self._drawn, text)
        self._drawn = b""

    def type(self, keys: bytes) -> None:
        os.write(self._screen, keys)

    def echoes(self) -> bool:
        import termios

        return bool(termios.tcgetattr(self._screen)[3] & termios.ECHO)

    def ended(self) -> int:
        """Its exit code; the cursor is there again, and so is the screen of before."""
        self._until(lambda: self.process.poll() is not None, "it ends")
        self._until(lambda: b"\x1b[?25h" in self._drawn and b"\x1b[?1049l" in self._drawn, "it cleans up")
        return self.process.wait()

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        import select

        until = time.monotonic() + SOON
        while not condition():
            assert time.monotonic() < until, f"not within {SOON} s: {what}; but {self._drawn!r}"
            if select.select([self._screen], [], [], 0.05)[0]:
                self._drawn += os.read(self._screen, 65536)


@contextmanager
def live(url: str, *words: str) -> Iterator[Terminal]:
    """`coordination top` on a terminal of 30 lines."""
    import pty
    import termios

    ours, theirs = pty.openpty()
    try:
        termios.tcsetwinsize(ours, (30, 120))
        kept = {name: text for name, text in os.environ.items() if not name.startswith("COORDINATION_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "coordination.cli", "top", "--interval", "0.2", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**kept, "COORDINATION_URL": url, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
            start_new_session=True,
        )
        with process:
            try:
                yield Terminal(process, ours)
            finally:
                process.kill()
    finally:
        os.close(theirs)
        os.close(ours)


@posix
def test_live_until_q(url: str, other: Manager) -> None:
    """Drawn again and again; what changes hands meanwhile is told; q ends it, other keys do not."""
    lease = other.acquire_lease("nightly", period=60)
    assert lease is not None
    with live(url) as terminal:
        terminal.shows("nightly")
        assert not terminal.echoes()
        stolen = other.steal_lease("nightly", "thief", 0, 60, lease.index)
        assert stolen is not None
        terminal.shows("LOST BY")
        terminal.shows(str(stolen.token))
        terminal.type(b"x")
        other.acquire_lease("another", period=60)
        terminal.shows("another")
        terminal.type(b"q")
        assert terminal.ended() == 0
        assert terminal.echoes()


@posix
@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_live_until_a_signal(url: str, signum: signal.Signals, code: int) -> None:
    """^C and TERM leave the terminal as it was."""
    with live(url) as terminal:
        terminal.shows("q ends")
        terminal.process.send_signal(signum)
        assert terminal.ended() == code
        assert terminal.echoes()


@posix
def test_live_until_it_is_stopped_and_goes_on(url: str, other: Manager) -> None:
    """^Z leaves the terminal to the shell, and fg draws anew."""
    other.acquire_lease("nightly", period=60)
    with live(url) as terminal:
        terminal.shows("nightly")
        terminal.process.send_signal(signal.SIGTSTP)
        _, status = os.waitpid(terminal.process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert terminal.echoes()
        terminal.shows("\x1b[?1049l")
        terminal.process.send_signal(signal.SIGCONT)
        terminal.shows("nightly")
        assert not terminal.echoes()
        terminal.type(b"q")
        assert terminal.ended() == 0
        assert terminal.echoes()


class Stage:
    """Keyboard and screen in one: it keeps the pictures, and types q after `looks` of them."""

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self.pictures: list[Any] = []

    def __call__(self, *args: object, **kwargs: object) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to restore."""

    def update(self, picture: object, *, refresh: bool) -> None:
        assert refresh
        self.pictures.append(picture)

    start = stop = __exit__

    def asked_to_end(self, within: float) -> bool:
        return len(self.pictures) == self._looks


def test_a_store_that_does_not_answer_is_ridden_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last look stays, with the reason, until the store answers; a change over the gap is told."""
    looks: list[Overview | Exception] = [
        Overview(1.0, leases=(holder("job", "a", 1),)),
        StoreUnavailable("no answer"),
        PermissionDenied("not any more"),
        Overview(9.0, leases=(holder("job", "b", 2),)),
    ]
    stage = Stage(len(looks))
    monkeypatch.setattr(screen, "Keyboard", stage)
    monkeypatch.setattr(screen, "Live", stage)

    def look() -> Overview:
        found = looks.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    screen.watch(look, FakeClock(), 2.0)
    shown = [(picture.look.at, picture.trouble, len(picture.changes)) for picture in stage.pictures]
    assert shown == [(1.0, "", 0), (1.0, "no answer", 0), (1.0, "not any more", 0), (9.0, "", 1)]
