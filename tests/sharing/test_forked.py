"""A child of fork holds nothing, and finds that out without a mutex: a thread may have held any of them."""

from __future__ import annotations

import pytest

from coordination import ConfigurationError, LeaseLost, Manager, connect
from coordination.hold import Hold
from coordination.lock import Lock
from coordination.recipes.holding import wait_over
from coordination.runtime import run
from coordination.stores.memory import MemoryStore
from tests.sharing.bench import Bench


class Locked:
    """A mutex that was held at the fork: nobody will ever give it back."""

    def __enter__(self) -> None:
        raise AssertionError("a mutex is taken in a child of fork")

    def __exit__(self, *raised: object) -> None:
        raise AssertionError("a mutex is given back in a child of fork")

    acquire = release = __enter__


@pytest.fixture
def manager() -> Manager:
    """Of this process, and not closed: it is made to look like a copy in a child."""
    return connect(MemoryStore())


@pytest.fixture
def lock(manager: Manager) -> Lock:
    """Of that manager."""
    return manager.lock("a")


def forked(hold: Hold) -> None:
    """From here on this is a child, and every mutex was held at the fork."""
    place = hold._place
    place.shared.keeping.home.pid = -1
    place.shared.mutex = Locked()  # type: ignore[assignment]
    place.shared.sharing.mutex = Locked()  # type: ignore[assignment]
    place.fate._mutex = Locked()  # type: ignore[assignment]


@pytest.fixture
def hold(lock: Lock) -> Hold:
    """Acquired before the fork."""
    return lock.acquire()


def test_contract_4_the_end_is_told_without_a_mutex(hold: Hold, manager: Manager) -> None:
    """`wait` hung for ever in the child, or answered None."""
    pid = hold._place.shared.keeping.home.pid
    mutex = hold._place.shared.mutex
    fate = hold._place.fate._mutex
    forked(hold)
    try:
        assert hold.wait() == "forked"
        assert hold.wait(0) == "forked"
        assert (hold.held, hold.lost, hold.remaining, hold.released) == (False, "forked", 0.0, None)
        assert "forked" in repr(hold)
        for call in (
            hold.check,
            hold.release,
            lambda: hold.release(0),
            hold.commit,
            lambda: hold.on_lost(lambda _hold, _reason: None),
            lambda: hold.on_release_requested(lambda _hold: None),
        ):
            with pytest.raises(LeaseLost) as raised:
                call()
            assert raised.value.reason == "forked"
        with pytest.raises(ConfigurationError, match="belongs to process"):
            manager.lock("b")
        manager.close()
    finally:
        hold._place.shared.keeping.home.pid = pid
        hold._place.shared.mutex = hold._place.shared.sharing.mutex = mutex
        hold._place.fate._mutex = fate
        manager.close()


def test_leaving_the_block_in_the_child_is_silent(bench: Bench) -> None:
    """The parent holds it still: the child's end of the block is no release and no loss."""
    place = bench.held()
    hold = Hold(bench.blocking, place, "a", None, None)
    bench.home.pid = -1
    bench.connection.calls.clear()
    hold.__exit__(None, None, None)
    assert bench.connection.calls == []
    assert len(bench.stored()) == 1


def test_released_before_the_fork_is_released_in_the_child(bench: Bench) -> None:
    """The child may know that."""
    place = bench.held()
    hold = Hold(bench.blocking, place, "a", None, None)
    assert hold.release()
    bench.home.pid = -1
    assert hold.lost is None
    assert run(wait_over(bench.blocking, place, None)) == "released"
    assert hold.release() is False
