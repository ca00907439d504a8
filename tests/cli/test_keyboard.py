"""The keys of a live view: when it stops (^Z), and when it does not."""

from __future__ import annotations

import os
import signal

import pytest

from coordination.cli.live.keyboard import Keyboard
from coordination.testing import FakeClock

pytestmark = pytest.mark.skipif(os.name != "posix", reason="there is no SIGTSTP")


def test_it_is_not_stopped_while_it_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler drew while something was being drawn, which ended the program: seen once."""
    done: list[object] = []

    def draw() -> None:
        done.append("draw")
        keys._asked_to_stop(signal.SIGTSTP, None)  # Once more, in the midst of it.

    keys = Keyboard(FakeClock(), lambda: done.append("clear"), draw)
    for name in ("_give_back", "_take_keys"):
        monkeypatch.setattr(keys, name, lambda: None)
    monkeypatch.setattr(os, "kill", lambda _, signum: done.append(signum))
    keys._asked_to_stop(signal.SIGTSTP, None)
    assert done == []
    for times in (1, 2):
        assert not keys.asked_to_end(0.0)
        assert done == ["clear", signal.SIGSTOP, "draw"] * times
