"""What is stored of a lease, after fleet's own cases (S and R of the reference notes)."""

from __future__ import annotations

import json

import pytest

from coordination import Manager
from coordination.value import LeaseValue, decode
from tests.leases.world import KEY, NAME, PERIOD, World, got


def _written(world: World, value: bytes, ttl: float = PERIOD) -> int:
    """Write `value` as the lease, as a program of another version would; the index."""
    store = world.store()
    session = store.open_session(ttl, timeout=5.0)
    record = store.create(KEY, value, session, timeout=5.0)
    assert record is not None
    return record.index


@pytest.mark.parametrize("version", [9, 0], ids=["S1", "S2"])
def test_s1_s2_a_value_begins_with_fleets_two_fields(version: int) -> None:
    """S1, S2: the compact JSON begins with MachineID and Version, in that order."""
    raw = LeaseValue("XXX", version).encode()
    assert raw.startswith(b'{"MachineID":"XXX","Version":%d,' % version)
    assert list(json.loads(raw))[:2] == ["MachineID", "Version"]


def test_s1_the_store_gets_that_value(world: World, manager: Manager) -> None:
    """S1: what an acquisition writes begins with the two fields."""
    got(manager.acquire_lease(NAME, "XXX", 9, PERIOD))
    record = world.record()
    assert record is not None
    assert record.value.startswith(b'{"MachineID":"XXX","Version":9,')


def test_r1_a_typical_value(world: World, manager: Manager) -> None:
    """R1: id, version, index and ttl come out of a record that fleet wrote."""
    index = _written(world, b'{"MachineID":"XXX","Version":19}', ttl=9.0)
    lease = got(manager.get_lease(NAME))
    assert (lease.machine_id, lease.version, lease.index) == ("XXX", 19, index)
    assert (lease.name, lease.time_remaining, lease.period) == (NAME, 9.0, 9.0)


def test_r2_a_bare_value_is_a_machine_id(world: World, manager: Manager) -> None:
    """R2: a value that is no JSON is the machine id of an unversioned engine."""
    _written(world, b"XXX")
    lease = got(manager.get_lease(NAME))
    assert (lease.machine_id, lease.version) == ("XXX", 0)


def test_r3_a_cut_off_value_is_a_machine_id(world: World, manager: Manager) -> None:
    """R3: JSON that ends too early is taken as text, whole."""
    _written(world, b'{"MachineID":"XXX","Ver')
    lease = got(manager.get_lease(NAME))
    assert (lease.machine_id, lease.version) == ('{"MachineID":"XXX","Ver', 0)


def test_d14_a_legacy_value_can_be_stolen_from(world: World, manager: Manager) -> None:
    """D14: a lease with a legacy value is read, and taken at its index like any other."""
    index = _written(world, b"legacy-engine")
    assert manager.acquire_lease(NAME, period=PERIOD) is None
    stolen = got(manager.steal_lease(NAME, "m1", 1, PERIOD, index))
    assert (stolen.machine_id, stolen.held) == ("m1", True)
    assert stolen.token > index


@pytest.mark.parametrize(
    "raw",
    [b"[]", b"null", b'{"Version":3}', b'{"MachineID":7}', b'"text"', b"", b"\xff\xfe"],
    ids=repr,
)
def test_r3_no_value_is_an_error(raw: bytes) -> None:
    """R3: whatever is there, its text is the machine id, at version 0."""
    value = decode(raw)
    assert (value.machine_id, value.version) == (raw.decode("utf-8", errors="replace"), 0)


def test_unknown_fields_are_ignored(world: World, manager: Manager) -> None:
    """A field of a later version does not make a value unreadable."""
    _written(world, b'{"MachineID":"XXX","Version":2,"Colour":"red","metadata":{"a":"b"}}')
    lease = got(manager.get_lease(NAME))
    assert (lease.machine_id, lease.version, lease.metadata) == ("XXX", 2, {"a": "b"})


def test_of_the_secret_only_a_digest_is_stored(world: World, manager: Manager) -> None:
    """Who can read the store cannot take up the lease."""
    lease = got(manager.acquire_lease(NAME, period=PERIOD))
    record = world.record()
    assert record is not None
    assert lease.secret is not None
    assert lease.secret.encode() not in record.value
    assert len(decode(record.value).secret_sha256) == 64
