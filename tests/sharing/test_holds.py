"""Locks and holds as a program sees them, where no store is needed to say it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coordination import ConfigurationError, LeaseLost, Manager, NothingScheduled, connect
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, race


@pytest.fixture
def clock() -> FakeClock:
    """Stands still until told to move."""
    return FakeClock()


@pytest.fixture
def manager(clock: FakeClock) -> Iterator[Manager]:
    """Of this test alone."""
    with connect(MemoryStore(clock), clock=clock) as manager:
        yield manager


def test_what_a_lock_says_of_itself(manager: Manager) -> None:
    """Its name and ttl."""
    lock = manager.lock("a", ttl=3)
    assert (lock.name, lock.ttl, repr(lock)) == ("a", 3.0, "<Lock 'a' ttl=3>")


def test_what_a_hold_says_of_itself(manager: Manager, clock: FakeClock) -> None:
    """While it is held, when it was released, and when it was lost."""
    lock = manager.lock("a", metadata={"k": "v"})
    hold = lock.acquire()
    hold.check()
    assert hold.name == "a"
    assert hold.metadata == {"k": "v"}
    hold.metadata["k"] = "changed"
    assert hold.metadata == {"k": "v"}
    assert 0.0 < hold.remaining <= 15.0
    assert repr(hold) == f"<Hold 'a' token={hold.token} held>"
    hold.release()
    assert (hold.remaining, hold.released) == (0.0, clock.wall())
    assert repr(hold) == f"<Hold 'a' token={hold.token} over>"
    with pytest.raises(LeaseLost) as raised:
        hold.check()
    assert raised.value.reason == "released"
    lost = lock.acquire()
    clock.advance(15.0)
    assert repr(lost) == f"<Hold 'a' token={lost.token} expired>"
    assert lost.metadata == {"k": "v"}
    assert manager.lock("b").acquire().metadata == {}


def test_a_hold_that_is_over_is_not_entered(manager: Manager) -> None:
    """Rather than run the block unheld."""
    hold = manager.lock("a").acquire()
    with hold as same:
        assert same is hold
    with pytest.raises(LeaseLost), hold:
        raise AssertionError("the block ran")


def test_release_of_what_was_acquired_last(manager: Manager) -> None:
    """By any thread; once."""
    lock = manager.lock("a")
    hold = lock.acquire()
    assert race([lock.release]) == [True]
    assert hold.released is not None
    with pytest.raises(NothingScheduled):
        lock.release()


def test_breaker_12_a_release_that_is_refused_forgets_nothing(manager: Manager) -> None:
    """A timeout below nothing is a mistake of the caller's: it can still be released."""
    lock = manager.lock("a")
    hold = lock.acquire()
    with pytest.raises(ConfigurationError, match="timeout"):
        lock.release(timeout=-1)
    assert hold.held
    assert lock.release() is True


def test_breaker_13_messages_name_what_the_caller_named(manager: Manager) -> None:
    """They spoke of a period and an index, which no lock has."""
    with pytest.raises(ConfigurationError, match="ttl must be"):
        manager.lock("a", ttl=0)
    with pytest.raises(ConfigurationError, match="token must be"):
        manager.break_lock("a", token=0)


def test_breaker_16_a_block_may_be_left_by_another_thread(manager: Manager) -> None:
    """An exit stack closed elsewhere, or a generator: the lock stayed held for ever."""
    lock = manager.lock("a")
    hold = lock.__enter__()
    race([lambda: lock.__exit__(None, None, None)])
    assert hold.released is not None
    with lock as another:
        assert another.held


def test_leaving_a_block_that_nobody_entered(manager: Manager) -> None:
    """There is nothing to give back: it is said, and so is a block left twice."""
    lock = manager.lock("a")
    lock.acquire().release()
    with pytest.raises(LeaseLost, match="not entered by this thread"):
        lock.__exit__(None, None, None)
    with lock:
        pass
    with pytest.raises(LeaseLost, match="not entered by this thread"):
        lock.__exit__(None, None, None)


def test_each_thread_leaves_what_it_entered(manager: Manager) -> None:
    """Its own hold, also where another thread has lost one that it has not left yet."""
    lock = manager.lock("a")
    first = lock.__enter__()
    manager.break_lock("a", token=first.token)

    def elsewhere() -> bool:
        with lock as second:
            return second.held

    assert race([elsewhere]) == [True]
    with pytest.raises(LeaseLost) as raised:
        lock.__exit__(None, None, None)
    assert raised.value.reason in ("broken", "deleted")


def test_the_error_of_a_block_is_the_one_that_counts(manager: Manager) -> None:
    """The loss is a note on it."""
    lock = manager.lock("a")
    with pytest.raises(KeyError) as raised, lock as hold:
        manager.break_lock("a", token=hold.token)
        raise KeyError("ours")
    assert "not held" in raised.value.__notes__[0]


def test_a_tracer_is_checked_when_the_lock_is_made(manager: Manager) -> None:
    """Not at its first acquisition."""
    with pytest.raises(ConfigurationError, match="start_as_current_span"):
        manager.lock("a", tracer=object())


def test_health_tells_of_locks_that_cannot_be_proven(manager: Manager) -> None:
    """Beside what the store says of itself."""
    hold = manager.lock("a").acquire()
    assert manager.health() == []
    hold._place.shared.beating.failures = 3
    (condition,) = manager.health()
    assert "1 records cannot be proven since 3 tries" in condition
