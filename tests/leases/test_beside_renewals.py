"""Commits and resumes that meet a renewal of the same lease: nobody loses what nobody else wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coordination import CoordinationError, Lease, LeaseLost, Manager, StoreUnavailable, connect

ROUNDS = 60


@pytest.fixture(params=["memory", "file"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """On the real clock, because threads race."""
    url = "memory://" if request.param == "memory" else f"{(tmp_path / 'leases').as_uri()}?durable=false"
    with connect(url) as manager:
        yield manager


@contextmanager
def _renewing(lease: Lease) -> Iterator[list[Exception]]:
    """Another thread moves it from session to session; what that raised."""
    stop, raised = threading.Event(), list[Exception]()

    def renew() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                lease.renew(30 + number % 2)
            except CoordinationError as error:
                raised.append(error)
                return
            stop.wait(0.0005)  # Without it, on a busy machine, nobody else may ever get a turn.

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        yield raised
    finally:
        stop.set()
        thread.join()


def test_a_commit_beside_a_move_is_no_loss(manager: Manager) -> None:
    """The record changes its session between two looks: the guard is tried again on the new one."""
    lease = manager.acquire_lease("job", period=30)
    assert lease is not None
    with _renewing(lease) as raised:
        applied = 0
        for number in range(ROUNDS):
            try:
                lease.commit({"n": str(number)})
                applied += 1
            except StoreUnavailable:
                continue  # It kept moving, and says that it was not applied.
    assert raised == []
    assert lease.held
    assert applied > 0
    assert lease.release()


def test_resuming_beside_renewals_takes_over(manager: Manager) -> None:
    """A renewal of the older handle between reading and swapping is no reason to call the secret wrong."""
    lease = manager.acquire_lease("job", period=30)
    assert lease is not None
    with _renewing(lease) as raised:
        second = manager.resume("job", str(lease.secret))
    assert second.token == lease.token
    assert all(isinstance(error, LeaseLost) for error in raised)
    second.renew()
    assert second.release()
