"""A command that watches, on a thread: a test sees each event as it is told, and ends it like ^C."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from coordination.cli import show
from tests.cli.conftest import Cli

SOON = 30.0
"""Seconds within which something must have been told."""


class Watched:
    """What is told, in order."""

    def __init__(self) -> None:
        self._told: queue.Queue[dict[str, Any]] = queue.Queue()
        self._over = threading.Event()
        self.code: int | None = None

    def hear(self, value: dict[str, Any]) -> None:
        """Instead of printing it."""
        if self._over.is_set():
            raise KeyboardInterrupt
        self._told.put(value)

    def next(self) -> dict[str, Any]:
        """The next event; fails if there is none soon."""
        return self._told.get(timeout=SOON)

    def run(self, cli: Cli, words: tuple[str, ...]) -> None:
        self.code = cli(*words, "--watch", "--timeout", "60", "--json").exit_code

    def end(self) -> None:
        """The next event ends it."""
        self._over.set()


@contextmanager
def watched(cli: Cli, monkeypatch: pytest.MonkeyPatch, *words: str) -> Iterator[Watched]:
    """`WORDS --watch` for as long as the block, whose last act must be an event after `end`."""
    watching = Watched()
    monkeypatch.setattr(show, "echo_json", watching.hear)
    thread = threading.Thread(target=watching.run, args=(cli, words))
    thread.start()
    yield watching
    thread.join(SOON)
    assert watching.code == 130
