"""What somebody who is not the holder gets in hand: a view, and lists and streams of them."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable

import pytest

from coordination import Lease, LeaseLost, Manager
from coordination.testing import FakeClock
from tests.leases.world import NAME, PERIOD, World, eventually, got

ASKS = {
    "renew": Lease.renew,
    "release": Lease.release,
    "check": Lease.check,
    "keep_alive": Lease.keep_alive,
    "commit": lambda lease: lease.commit({"key": b"value"}),
    "on_lost": lambda lease: lease.on_lost(print),
    "with": Lease.__enter__,
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_view_can_only_be_looked_at(
    manager: Manager, other: Manager, ask: Callable[[Lease], object]
) -> None:
    """Whatever only a holder may do raises `LeaseLost`, and the holder goes on."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    view = got(other.get_lease(NAME))
    with pytest.raises(LeaseLost):
        ask(view)
    lease.renew()
    assert other.read("key") is None


def test_a_view_is_never_held(manager: Manager) -> None:
    """Not even a view of our own lease."""
    got(manager.acquire_lease(NAME, period=PERIOD))
    view = got(manager.get_lease(NAME))
    assert (view.held, view.lost, view.remaining, view.secret) == (False, None, 0.0, None)


def test_a_view_shows_what_the_holder_stated(manager: Manager, other: Manager) -> None:
    """Holder and onlooker read the same from either store."""
    metadata = {"who": "Zoë", "where": "rack 7\n", "": ""}
    lease = got(manager.acquire_lease(NAME, "machine-é", 7, 12.5, metadata=metadata))
    view = got(other.get_lease(NAME))
    assert (view.name, view.machine_id, view.version, view.period) == (NAME, "machine-é", 7, 12.5)
    assert (view.index, view.token, view.metadata) == (lease.index, lease.token, metadata)
    assert (view.pid, view.host) == (os.getpid(), socket.gethostname())
    assert (lease.pid, lease.host) == (os.getpid(), socket.gethostname())


def test_metadata_outlives_renewals(manager: Manager, other: Manager) -> None:
    """Renewals keep it, also one that changes the period; a theft does not take it over."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD, metadata={"who": "m1"}))
    lease.renew()
    lease.renew(2 * PERIOD)
    view = got(other.get_lease(NAME))
    assert (view.metadata, lease.metadata) == ({"who": "m1"}, {"who": "m1"})
    assert got(other.steal_lease(NAME, "m2", 0, PERIOD, view.index)).metadata == {}


def test_metadata_is_a_copy(manager: Manager) -> None:
    """What the caller does to it afterwards changes nothing."""
    given = {"who": "m1"}
    lease = got(manager.acquire_lease(NAME, period=PERIOD, metadata=given))
    given["who"] = lease.metadata["who"] = "somebody else"
    assert lease.metadata == {"who": "m1"}
    lease.renew()
    assert got(manager.get_lease(NAME)).metadata == {"who": "m1"}


def test_the_machine_id_is_the_managers_own_by_default(manager: Manager) -> None:
    """None means: as given to connect()."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    assert (lease.machine_id, lease.version) == ("m1", 0)


def test_listing_by_prefix(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """All live leases whose names start so, by name; released and expired ones are gone."""
    for name in ("a/1", "a/2", "ab", "b", "a%2F3"):
        got(manager.acquire_lease(name, period=PERIOD))
    got(manager.acquire_lease("a/short", period=1.0))
    got(manager.acquire_lease("a/over", period=PERIOD)).release()
    clock.advance(2.0)
    assert [lease.name for lease in other.list_leases("a/")] == ["a/1", "a/2"]
    assert {lease.name for lease in other.list_leases("a")} == {"a/1", "a/2", "ab", "a%2F3"}
    assert len(other.list_leases()) == 5
    assert not any(lease.held for lease in other.list_leases())
    assert other.list_leases("nothing") == []


def test_namespaces_do_not_see_each_other(world: World) -> None:
    """The same name in two namespaces is two leases, and lists stay apart."""
    one, two, none = (world.manager(namespace=name) for name in ("one", "two", ""))
    leases = [got(manager.acquire_lease(NAME, period=PERIOD)) for manager in (one, two, none)]
    assert [lease.held for lease in leases] == [True] * 3
    assert [len(manager.list_leases()) for manager in (one, two, none)] == [1, 1, 1]
    leases[0].release()
    assert (one.get_lease(NAME), got(two.get_lease(NAME)).name) == (None, NAME)


def test_watch_tells_the_state_and_its_changes(manager: Manager, other: Manager) -> None:
    """First what is, then each change: acquired, stolen, gone."""
    seen: list[str | None] = []

    def follow() -> None:
        for view in other.watch(NAME):
            seen.append(None if view is None else view.machine_id)
            if len(seen) == 4:
                return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    eventually(lambda: len(seen) == 1, "the state as it is")
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    eventually(lambda: len(seen) == 2, "the acquisition")
    thief = got(manager.steal_lease(NAME, "thief", 0, PERIOD, lease.index))
    eventually(lambda: len(seen) == 3, "the theft")
    thief.release()
    thread.join(10.0)
    assert seen == [None, "m1", "thief", None]


def test_watch_ends_at_its_timeout(manager: Manager, clock: FakeClock) -> None:
    """With 0 it tells the state and ends; nothing is waited for."""
    assert list(manager.watch(NAME, timeout=0)) == [None]
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    (view,) = manager.watch(NAME, timeout=0)
    assert got(view).token == lease.token
    assert clock.now() == FakeClock().now()


def test_watch_notices_expiry(manager: Manager, other: Manager, clock: FakeClock) -> None:
    """A lease that merely runs out is a change too."""
    got(manager.acquire_lease(NAME, period=PERIOD))
    states = other.watch(NAME, timeout=3 * PERIOD)
    assert next(states) is not None
    ended: list[Lease | None] = []
    thread = threading.Thread(target=lambda: ended.append(next(states)), daemon=True)
    thread.start()
    clock.advance(PERIOD + 0.1)
    eventually(lambda: ended, "the end")
    assert ended == [None]


def test_health_of_a_healthy_store(manager: Manager) -> None:
    """Sentences for an operator; there is nothing to say of a store that works."""
    assert [text for text in manager.health() if "heartbeat" in text] == []
