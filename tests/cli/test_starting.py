"""What is typed while the command is still being loaded, which takes a second on a busy machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from coordination.cli.live.keyboard import Keyboard
from coordination.clock import default_clock

INTERRUPTED_WHILE_LOADING = """
import sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "coordination.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
from coordination.cli import main

main()
"""


def test_an_interrupt_ends_it_with_130() -> None:
    """As later on: the exit code that a shell expects, and no traceback."""
    program = [sys.executable, "-c", INTERRUPTED_WHILE_LOADING]
    ran = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")


@pytest.mark.skipif(os.name != "posix", reason="there are no pseudo-terminals")
def test_a_q_ends_the_live_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was typed before the view took the keyboard, and is not lost."""
    import pty
    import signal

    ours, theirs = pty.openpty()
    before = {signum: signal.getsignal(signum) for signum in (signal.SIGTERM, signal.SIGTSTP)}
    try:
        with os.fdopen(theirs) as terminal:
            monkeypatch.setattr(sys, "stdin", terminal)
            os.write(ours, b"q")
            with Keyboard(default_clock(), lambda: None, lambda: None) as keyboard:
                assert keyboard.asked_to_end(30.0)
    finally:
        os.close(ours)
        for signum, handler in before.items():
            signal.signal(signum, handler)
