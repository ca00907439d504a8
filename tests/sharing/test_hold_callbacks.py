"""What a hold tells its owner: by callbacks, on another thread, and never of a release."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from coordination import ConfigurationError, Manager, connect
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from tests.leases.world import eventually


@pytest.fixture
def clock() -> FakeClock:
    """Stands still until told to move."""
    return FakeClock()


@pytest.fixture
def manager(clock: FakeClock) -> Iterator[Manager]:
    """Of this test alone."""
    with connect(MemoryStore(clock), clock=clock) as manager:
        yield manager


def test_what_is_no_callable_is_refused(manager: Manager) -> None:
    """When it is registered, not when it is needed."""
    hold = manager.lock("a").acquire()
    with pytest.raises(ConfigurationError, match="on_lost"):
        hold.on_lost("no")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="on_release_requested"):
        hold.on_release_requested(None)  # type: ignore[arg-type]


def test_on_lost_after_a_release_is_never_called(manager: Manager) -> None:
    """A release is no loss, also where the session is lost afterwards."""
    told: list[str] = []
    hold = manager.lock("a").acquire()
    hold.release()
    hold.on_lost(lambda _hold, reason: told.append(reason))
    hold._place.shared.lose("revoked")
    other = manager.lock("b").acquire()
    other.on_lost(lambda _hold, reason: told.append(f"b {reason}"))
    other._place.shared.lose("revoked")
    eventually(lambda: told, "the loss of b is told")
    assert told == ["b revoked"]


def test_callbacks_of_a_hold_run_on_another_thread(manager: Manager) -> None:
    """And get the hold itself."""
    told: list[tuple[object, str, int]] = []
    hold = manager.lock("a").acquire()
    hold.on_lost(lambda it, reason: told.append((it, reason, threading.get_ident())))
    hold._place.shared.lose("revoked")
    hold.on_lost(lambda it, reason: told.append((it, reason, threading.get_ident())))
    eventually(lambda: len(told) == 2, "both were told")
    assert [(it, reason) for it, reason, _ in told] == [(hold, "revoked")] * 2
    assert threading.get_ident() not in {thread for _, _, thread in told}


def test_breaker_18_callbacks_that_end_their_thread(manager: Manager) -> None:
    """After four that called sys.exit() no callback was ever run again."""
    told: list[str] = []

    def leaving(_hold: object, _reason: str) -> None:
        sys.exit(1)

    lost = manager.lock("a").acquire()
    for _ in range(12):
        lost.on_lost(leaving)
    lost._place.shared.lose("revoked")
    hold = manager.lock("b").acquire()
    hold.on_lost(lambda _hold, reason: told.append(reason))
    hold._place.shared.lose("revoked")
    eventually(lambda: told == ["revoked"], "the next loss is told")
