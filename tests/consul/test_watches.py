"""Watches on a Consul without a network: what is told, and that nothing is missed."""

from __future__ import annotations

import pytest

from coordination.errors import StoreUnavailable
from coordination.stores.consul.queries import OWN
from coordination.stores.consul.watches import Watches
from tests.consul.polled import FakeConsul, eventually
from tests.consul.subscribers import FOLDER, Subscriber, guarded, key, threads


@pytest.fixture(params=["alone", "in a crowd"])
def company(request: pytest.FixtureRequest, consul: FakeConsul, watches: Watches) -> None:
    """With its own query, or folded with many others."""
    if request.param == "in a crowd":
        guarded(consul, watches, OWN + 4)


@pytest.mark.usefixtures("company")
def test_a_change_a_deletion_and_a_creation_are_told(consul: FakeConsul, watches: Watches) -> None:
    """Each with its index, or with 0; one after the other."""
    index = consul.put(f"{FOLDER}a")
    subscriber = Subscriber(watches, f"{FOLDER}a", index)
    assert subscriber.told == []
    moved = consul.put(f"{FOLDER}a")
    assert subscriber.hears((f"{FOLDER}a", moved))
    consul.drop(f"{FOLDER}a")
    assert subscriber.hears((f"{FOLDER}a", 0))
    again = consul.put(f"{FOLDER}a")
    assert subscriber.hears((f"{FOLDER}a", again))
    assert len(subscriber.told) == 3


@pytest.mark.usefixtures("company")
def test_what_happened_before_is_told_at_once(consul: FakeConsul, watches: Watches) -> None:
    """By the first look, in the caller's own thread: what moved past `after`, and what is gone."""
    seen = consul.put(f"{FOLDER}a")
    moved = consul.put(f"{FOLDER}a")
    assert Subscriber(watches, f"{FOLDER}a", seen).told[:1] == [(f"{FOLDER}a", moved)]
    assert Subscriber(watches, f"{FOLDER}a", 0).told[:1] == [(f"{FOLDER}a", moved)]
    assert Subscriber(watches, f"{FOLDER}a", moved).told == []
    consul.drop(f"{FOLDER}a")
    assert Subscriber(watches, f"{FOLDER}a", moved).told[:1] == [(f"{FOLDER}a", 0)]
    assert Subscriber(watches, f"{FOLDER}b", 0).told == []


def test_two_subscriptions_to_one_key_share_a_query(consul: FakeConsul, watches: Watches) -> None:
    """Both are told; when the last one ends, so does the query."""
    index = consul.put(key(1))
    one, other = Subscriber(watches, key(1), index), Subscriber(watches, key(1), index)
    assert threads() == 1
    moved = consul.put(key(1))
    assert one.hears((key(1), moved))
    assert other.hears((key(1), moved))
    one.watching.close()
    assert threads() == 1
    other.watching.close()
    assert eventually(lambda: not threads())


def test_a_quiet_key_is_not_woken_by_others(consul: FakeConsul, watches: Watches) -> None:
    """One poll waits for it, whatever happens beside it."""
    Subscriber(watches, key(1), consul.put(key(1)))
    assert eventually(lambda: len(consul.polls) == 1)
    for _ in range(50):
        consul.put(key(2))
    last = Subscriber(watches, key(3), consul.put(key(3)))
    last.watching.close()
    assert [path for path, _ in consul.polls if path.endswith("0001")] == ["/v1/kv/p/n/leases/0001"]


def test_the_empty_namespace_is_watched_where_it_is_stored(consul: FakeConsul, watches: Watches) -> None:
    """Consul takes no empty segment in a path; what stands for it is escaped."""
    subscriber = Subscriber(watches, "/leases/a", consul.put("/leases/a"))
    folder = Subscriber(watches, "/leases/", 0)
    moved = consul.put("/leases/a")
    assert subscriber.hears(("/leases/a", moved))
    assert folder.hears(("/leases/a", moved))
    assert {path for path, _ in consul.polls} == {"/v1/kv/p/%40/leases/a", "/v1/kv/p/%40/leases/"}


@pytest.mark.usefixtures("company")
def test_nothing_is_missed_while_consul_is_away(consul: FakeConsul, watches: Watches) -> None:
    """The queries go on from their old indexes."""
    index = consul.put(f"{FOLDER}a")
    subscriber = Subscriber(watches, f"{FOLDER}a", index)
    consul.fail(StoreUnavailable("away"))
    polls = len(consul.polls)
    assert eventually(lambda: len(consul.polls) >= polls + 2)
    moved = consul.put(f"{FOLDER}a")
    consul.fail(None)
    assert subscriber.hears((f"{FOLDER}a", moved))


def test_a_small_folder_says_which_key(consul: FakeConsul, watches: Watches) -> None:
    """Keys that come, move and go, each by its name."""
    first = consul.put(f"{FOLDER}a")
    subscriber = Subscriber(watches, FOLDER, first)
    assert subscriber.told == []
    second = consul.put(f"{FOLDER}b")
    assert subscriber.hears((f"{FOLDER}b", second))
    third = consul.put(f"{FOLDER}a")
    assert subscriber.hears((f"{FOLDER}a", third))
    consul.drop(f"{FOLDER}b")
    assert subscriber.hears((f"{FOLDER}b", 0))
    consul.put("n/other/a")
    consul.put("n/leasesbeside/a")
    assert len(subscriber.told) == 3


def test_a_large_folder_says_that_something_moved(consul: FakeConsul, watches: Watches) -> None:
    """Its answers do not grow with it: they are one entry, and only the prefix is told."""
    for number in range(64):
        last = consul.put(key(number))
    subscriber = Subscriber(watches, FOLDER, last)
    assert subscriber.told == []
    consul.put(key(64))
    assert subscriber.hears((FOLDER, 0))
    subscriber.told.clear()
    consul.put(key(1))
    assert subscriber.hears((FOLDER, 0))
    assert {query.split("&index")[0] for path, query in consul.polls if path.endswith("leases")} == {
        "keys&separator=%2F"
    }
    known = Subscriber(watches, FOLDER, last)
    assert known.told == [(FOLDER, 0)]
