"""Hearing of an event of the user's, which knows of nobody who waits for anything else besides."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from coordination.errors import ConfigurationError
from coordination.threads import started

SLICE = 0.1
"""Real seconds between two looks whether it is still wanted to be heard of."""


@contextmanager
def relayed(stop: threading.Event | None, call: Callable[[], object]) -> Iterator[None]:
    """Call `call` once on a thread of its own when `stop` is set within the block.

    Leaving the block takes up to `SLICE` where it was not.
    """
    if stop is None:
        yield
        return
    if not callable(getattr(stop, "is_set", None)) or not callable(getattr(stop, "wait", None)):
        raise ConfigurationError(f"stop must be a threading.Event, not {stop!r}")
    over = threading.Event()

    def listen() -> None:
        while not over.is_set():
            if stop.wait(SLICE):
                call()
                return

    thread = started(listen, "coordination-stop")
    try:
        yield
    finally:
        over.set()
        thread.join()
