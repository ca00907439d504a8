"""Who uses a link, when it is closed, and how it is held back around a fork."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest

from coordination.clock import SystemClock
from coordination.errors import ConfigurationError, StoreUnavailable
from coordination.stores.etcd import forks
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.messages import message
from coordination.stores.etcd.methods import TXN
from coordination.timing import Deadline
from tests.etcd.scripted import Cluster, Member

T = 10.0


def soon(timeout: float = T) -> Deadline:
    return Deadline(SystemClock(), timeout)


@pytest.fixture
def member() -> Member:
    return Member()


@pytest.fixture
def connection(member: Member) -> Connection:
    return Cluster(a=member).connection()


def in_thread(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def test_a_retired_link_is_closed_by_its_last_user(connection: Connection, member: Member) -> None:
    """Calls under way keep their channel; new ones get another."""
    link = connection.pool.enter(soon())
    connection.pool.retire(link)
    assert member.open_channels == 1
    other = connection.pool.enter(soon())
    assert (other is link, member.open_channels) == (False, 2)
    connection.pool.leave(link)
    assert member.open_channels == 1


def test_a_link_retired_twice_is_closed_once(connection: Connection, member: Member) -> None:
    """Two threads may have met the same failure."""
    link = connection.pool.enter(soon())
    connection.pool.leave(link)
    connection.pool.retire(link)
    connection.pool.retire(link)
    assert member.open_channels == 0


def test_one_thread_dials_and_the_others_wait(connection: Connection, member: Member) -> None:
    """Twenty threads, one connection."""
    threads = [in_thread(lambda: connection.call(TXN, message("TxnRequest")(), T)) for _ in range(20)]
    for thread in threads:
        thread.join(T)
    assert member.calls.count("Txn") == 20
    assert member.calls.count("Status") == 1


def test_a_closed_pool_is_unavailable(connection: Connection, member: Member) -> None:
    """Certainly not applied, and nothing stays open."""
    connection.pool.leave(connection.pool.enter(soon()))
    connection.pool.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        connection.pool.enter(soon())
    assert member.open_channels == 0


def test_a_fork_waits_for_calls_under_way(connection: Connection, member: Member) -> None:
    """New ones wait until it is over; the channel is closed in between."""
    link = connection.pool.enter(soon())
    connection.pool.hold()
    drained = in_thread(lambda: connection.pool.drain(soon()))
    late = in_thread(lambda: connection.pool.leave(connection.pool.enter(soon())))
    drained.join(0.2)
    assert drained.is_alive(), "the fork did not wait"
    connection.pool.leave(link)
    drained.join(T)
    late.join(0.2)
    assert (drained.is_alive(), late.is_alive(), member.open_channels) == (False, True, 0)
    connection.pool.resume()
    late.join(T)
    assert not late.is_alive(), "nobody let it in again"


def test_a_fork_does_not_wait_for_ever(connection: Connection, member: Member) -> None:
    """A call that hangs is cut off."""
    connection.pool.enter(soon())
    connection.pool.hold()
    assert connection.pool.drain(soon(0.1))
    assert member.open_channels == 0


def test_a_child_of_fork_is_refused(connection: Connection, member: Member) -> None:
    """It says whose connection it is without touching a lock that may be held; the parent goes on."""
    forks.mind(connection.pool)
    connection.pool.leave(connection.pool.enter(soon()))
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            connection.pool._changed = None  # type: ignore[assignment]  # whoever touches it fails
            connection.pool.enter(soon())
        except ConfigurationError:
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert member.open_channels == 0, "the channel was not closed before the fork"
    connection.call(TXN, message("TxnRequest")(), T)
