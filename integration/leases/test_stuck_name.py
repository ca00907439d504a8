"""One name that is stuck, because a process was stopped in the middle of a write, costs no other lease."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coordination import Manager, OutcomeUnknown, StoreUnavailable, connect


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The store's folder."""
    return tmp_path / "leases"


@pytest.fixture
def manager(folder: Path) -> Iterator[Manager]:
    """With a timeout that is longer than the shorter period here."""
    with connect(f"{folder.as_uri()}?durable=false", timeout=15) as manager:
        yield manager


@contextmanager
def _stuck(folder: Path, name: str) -> Iterator[None]:
    """Hold the sidecar, as a stopped writer would."""
    handle = os.open(folder / ".coordination" / f"{name}.lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def test_other_leases_are_kept(folder: Path, manager: Manager) -> None:
    """Renewals of the stuck one wait only as long as the shortest of the others can bear."""
    stuck = manager.acquire_lease("stuck", period=60)
    other = manager.acquire_lease("other", period=8)
    assert stuck is not None
    assert other is not None
    stuck.renew_every = 0.5
    stuck.keep_alive()
    other.keep_alive()
    with _stuck(folder, "stuck"):
        time.sleep(10)
        assert other.held, other.lost
    assert stuck.held


def test_finishing_a_release_holds_up_no_renewal(folder: Path, manager: Manager) -> None:
    """What a release left over is done on another thread."""
    stuck = manager.acquire_lease("stuck", period=60)
    other = manager.acquire_lease("other", period=8)
    assert stuck is not None
    assert other is not None
    other.keep_alive()
    with _stuck(folder, "stuck"):
        with pytest.raises(OutcomeUnknown):
            stuck.release()
        assert not stuck.held
        time.sleep(10)
        assert other.held, other.lost


@pytest.mark.parametrize("timeout", [0, 0.5])
def test_waiting_is_bounded_by_the_caller(folder: Path, manager: Manager, timeout: float) -> None:
    """Not by what a single request may take."""
    assert manager.acquire_lease("stuck", period=1.0) is not None
    time.sleep(1.0)  # Free, were it not stuck.
    with _stuck(folder, "stuck"):
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            manager.wait_lease("stuck", timeout=timeout)
        assert time.monotonic() - started < timeout + 3.0  # far below the 15 seconds of a request
