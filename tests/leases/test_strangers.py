"""Lists beside what strangers, or ourselves at another prefix, wrote below the same keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from coordination import connect
from coordination.record import DATA, LEASES, Record, is_key, lease_key
from coordination.store import Store, TimesLeft
from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock
from coordination.value import LeaseValue
from tests.leases.world import PERIOD, got

T = 5.0
STRANGE = {
    "no UTF-8 when decoded": "%ff",
    "no UTF-8 at all": "\udcff\udcfe",
    "two segments": "a/b",
    "another namespace's leases": "n/leases/inner",
    "the leases at a longer prefix": "/leases/inner",
    "no name": "",
    "half an escape": "50%",
    "an escape in small letters": "a%2fb",
    "an escape without need": "%61",
    "a letter that we escape": "ä",
    "longer than any name": "x" * 256,
}


class Untimed(MemoryStore):
    """A store that knows how long a record has left only if asked, and then not of every one."""

    known: tuple[str, ...] = ()

    def list(self, prefix: str, *, timeout: float) -> list[Record]:
        """Without times."""
        listed = super().list(prefix, timeout=timeout)
        return [replace(record, ttl=None, time_left=None) for record in listed]

    def timed(self, records: Sequence[Record], *, timeout: float) -> Sequence[Record]:
        """With those of the names that are known."""
        known = {lease_key("", name) for name in self.known}
        return [replace(it, ttl=PERIOD, time_left=1.0) if it.key in known else it for it in records]


def put(store: Store, key: str, value: bytes = b"xx") -> None:
    """Write a record as no manager would."""
    session = store.open_session(PERIOD, timeout=T)
    assert store.create(key, value, session, timeout=T) is not None


@pytest.mark.parametrize("rest", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("namespace", ["", "shop", "50%/x"])
def test_a_strange_key_is_no_lease(clock: FakeClock, namespace: str, rest: str) -> None:
    """It is neither shown, under whatever name, nor does it hide the leases beside it."""
    store = MemoryStore(clock)
    with connect(store, clock=clock, namespace=namespace) as manager:
        names = ["good", "50%", "a/b", "ä", "x" * 255]
        held = [got(manager.acquire_lease(name, period=PERIOD)) for name in names]
        put(store, lease_key(namespace, "x").removesuffix("x") + rest)
        assert sorted(lease.name for lease in manager.list_leases()) == sorted(names)
        assert all(lease.held for lease in held)


def test_a_strange_value_is_a_lease(clock: FakeClock) -> None:
    """Under a name that we could have used it excludes us, so it is shown."""
    store = MemoryStore(clock)
    with connect(store, clock=clock) as manager:
        put(store, lease_key("", "by-hand"))
        assert [(lease.name, lease.machine_id) for lease in manager.list_leases()] == [("by-hand", "xx")]


def test_keys_of_other_kinds_and_namespaces() -> None:
    """A key belongs to one kind in one namespace."""
    key = lease_key("shop", "a")
    assert is_key(key, "shop", LEASES)
    assert not any(
        (is_key(key, "shop", DATA), is_key(key, "", LEASES), is_key("shop/leases", "shop", LEASES))
    )


def test_without_a_time_left_the_period_is_shown(clock: FakeClock) -> None:
    """A store that cannot say in time how long a lease has left must not make it look over."""
    store = Untimed(clock)
    assert isinstance(store, TimesLeft)
    store.known = ("a",)
    with connect(store, clock=clock) as manager:
        for name in ("a", "b"):
            put(store, lease_key("", name), LeaseValue("m", period=7.0).encode())
        put(store, lease_key("", "c"))
        left = {lease.name: lease.time_remaining for lease in manager.list_leases()}
    assert left == {"a": 1.0, "b": 7.0, "c": 0.0}, "of c nothing is known"
