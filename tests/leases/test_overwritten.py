"""Strangers who write over a record that stays on our session, as a plain `PUT` does on Consul."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from coordination import Lease, Manager
from coordination.grant import Grant
from coordination.outcomes import goes_on
from coordination.record import Record, Session
from coordination.testing import FakeClock
from coordination.value import LeaseValue, digest
from tests.leases.late import LateStore
from tests.leases.lingering import Lingering, lingering
from tests.leases.world import KEY, NAME, PERIOD, World, eventually, got

STRANGERS = [
    b"somebody",
    b"",
    b"{}",
    b"\xff\x00",
    LeaseValue("m9", name=NAME, secret_sha256=digest("another")).encode(),
    LeaseValue("m1", name=NAME).encode(),
]


@pytest.fixture
def lasting(clock: FakeClock) -> Lingering:
    """Where the record is."""
    return Lingering(clock)


@pytest.fixture
def world(lasting: Lingering) -> Iterator[World]:
    """On that store."""
    world = lingering(lasting)
    yield world
    world.close()


def kept(manager: Manager, store: LateStore, told: list[str]) -> Lease:
    """A lease whose watch has begun."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    lease.keep_alive(lambda _lease, reason: told.append(reason))
    eventually(lambda: store._lines, "the watch has begun")
    return lease


@pytest.mark.parametrize("value", STRANGERS, ids=repr)
def test_it_is_told_at_once(
    world: World, lasting: Lingering, manager: Manager, store: LateStore, clock: FakeClock, value: bytes
) -> None:
    """No time passes on the clock, no renewal is due; and what was left of the lease is ended."""
    told: list[str] = []
    lease = kept(manager, store, told)
    now = clock.now()
    lasting.overwrite(KEY, value)
    eventually(lambda: told, "the news")
    assert (told, lease.held, clock.now()) == (["stolen"], False, now)
    eventually(lambda: world.stored() == [], "its session is ended, and what hung on it")


def test_our_own_handles_are_no_strangers(
    lasting: Lingering, manager: Manager, other: Manager, store: LateStore, clock: FakeClock
) -> None:
    """A handle that resumed the lease writes with the same secret: the older one is not told by the watch."""
    told: list[str] = []
    lease = kept(manager, store, told)
    second = other.resume(NAME, str(lease.secret))
    eventually(lambda: store.calls.count("read"), "it looks")
    clock.settle()
    assert told == []
    second.renew()
    assert second.held


SESSION = Session("session", PERIOD)
OURS = LeaseValue("m1", name=NAME, secret_sha256=digest("ours"))
OTHERS = replace(OURS, secret_sha256=digest("others"))
UNPROVEN = replace(OURS, secret_sha256="")


@pytest.mark.parametrize(
    ("knows", "there", "session", "goes"),
    [
        (OURS, OURS, "session", True),
        (OURS, OURS, "moved", True),
        (OURS, OTHERS, "session", False),
        (OURS, UNPROVEN, "session", False),
        (UNPROVEN, UNPROVEN, "session", True),
        (UNPROVEN, UNPROVEN, "moved", False),
    ],
)
def test_who_goes_on(knows: LeaseValue, there: LeaseValue, session: str, *, goes: bool) -> None:
    """The secret tells; only a record that never had one is told by its session."""
    grant = Grant(KEY, 1, 1, knows, SESSION, PERIOD)
    assert goes_on(grant, Record(KEY, there.encode(), 1, 2, session)) is goes
    assert goes_on(grant, None) is False
