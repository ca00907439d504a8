"""No test of asyncio leaves a thread of the library behind."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from tests.aio.loops import threads


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Each test closes what it opens; threads that are about to end may take a moment, also others'.

    Another file's tests may have left managers that are garbage, but not collected yet: theirs end with them.
    """
    gc.collect()
    _none_is_left()
    yield
    _none_is_left()


def _none_is_left() -> None:
    until = time.monotonic() + 30.0
    while threads():
        assert time.monotonic() < until, f"threads are left: {threads()}"
        time.sleep(0.01)
