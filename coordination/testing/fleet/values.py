"""What is stored of a lease, after fleet's own cases: its writers and readers understand each other."""

from __future__ import annotations

import json

from coordination.testing.fleet.base import Fleet
from coordination.testing.fleet.harness import NAME, ManagerHarness, got
from coordination.value import decode


class ValueCases(Fleet):
    """The S and R rows, written to the store and read back from it."""

    def test_s1_every_write_begins_with_fleets_two_fields(self, harness: ManagerHarness) -> None:
        """S1, S2: compact JSON with MachineID and Version first, of acquisition, renewals and theft."""
        one, two = harness.managers()
        lease = got(one.acquire_lease(NAME, "XXX", 9, harness.ample))
        _begins(harness, b'{"MachineID":"XXX","Version":9,')
        for period in (None, 2 * harness.ample):
            lease.renew(period)
            _begins(harness, b'{"MachineID":"XXX","Version":9,')
        got(two.steal_lease(NAME, "YYY", 0, harness.ample, lease.index))
        _begins(harness, b'{"MachineID":"YYY","Version":0,')

    def test_r1_a_typical_value(self, harness: ManagerHarness) -> None:
        """R1: id, version, index and ttl come out of a record that fleet wrote."""
        record, written = harness.timed(lambda: harness.write(b'{"MachineID":"XXX","Version":19}', 9.0))
        lease, looked = harness.timed(lambda: got(harness.manager().get_lease(NAME)))
        assert (lease.machine_id, lease.version, lease.index) == ("XXX", 19, record.index)
        assert (lease.name, lease.period) == (NAME, 9.0)
        assert written.is_left_of(9.0, lease.time_remaining, looked, harness.rounding)

    def test_r2_a_bare_value_is_a_machine_id(self, harness: ManagerHarness) -> None:
        """R2: a value that is no JSON is the machine id of an unversioned engine."""
        harness.write(b"XXX", harness.ample)
        lease = got(harness.manager().get_lease(NAME))
        assert (lease.machine_id, lease.version) == ("XXX", 0)

    def test_r3_a_cut_off_value_is_a_machine_id(self, harness: ManagerHarness) -> None:
        """R3: JSON that ends too early is taken as text, whole."""
        harness.write(b'{"MachineID":"XXX","Ver', harness.ample)
        lease = got(harness.manager().get_lease(NAME))
        assert (lease.machine_id, lease.version) == ('{"MachineID":"XXX","Ver', 0)

    def test_r3_no_value_is_an_error(self, harness: ManagerHarness) -> None:
        """R3: whatever is there, its text is the machine id, at version 0; looked at alone and in a list."""
        one = harness.manager()
        odd = [b"[]", b"null", b'{"Version":3}', b'{"MachineID":7}', b'"text"', b"7", b"", b"\xff\xfe"]
        for number, raw in enumerate(odd):
            harness.write(raw, harness.ample, f"odd-{number}")
        expected = [(raw.decode("utf-8", errors="replace"), 0) for raw in odd]
        looked = [got(one.get_lease(f"odd-{number}")) for number in range(len(odd))]
        assert [(lease.machine_id, lease.version) for lease in looked] == expected
        assert [(lease.machine_id, lease.version) for lease in one.list_leases("odd-")] == expected

    def test_d14_a_legacy_value_can_be_stolen_from(self, harness: ManagerHarness) -> None:
        """D14: a lease with a legacy value is read, and taken at its index like any other."""
        one = harness.manager()
        index = harness.write(b"legacy-engine", harness.ample).index
        assert one.acquire_lease(NAME, period=harness.ample) is None
        stolen = got(one.steal_lease(NAME, "m1", 1, harness.ample, index))
        assert (stolen.machine_id, stolen.held) == ("m1", True)
        assert stolen.token > index

    def test_unknown_fields_are_ignored(self, harness: ManagerHarness) -> None:
        """A field of a later version does not make a value unreadable."""
        raw = b'{"MachineID":"XXX","Version":2,"Colour":"red","metadata":{"a":"b"}}'
        harness.write(raw, harness.ample)
        lease = got(harness.manager().get_lease(NAME))
        assert (lease.machine_id, lease.version, lease.metadata) == ("XXX", 2, {"a": "b"})

    def test_of_the_secret_only_a_digest_is_stored(self, harness: ManagerHarness) -> None:
        """Who can read the store cannot take up the lease."""
        lease = got(harness.manager().acquire_lease(NAME, period=harness.ample))
        record = harness.record()
        assert record is not None
        assert lease.secret is not None
        assert lease.secret.encode() not in record.value
        assert len(decode(record.value).secret_sha256) == 64


def _begins(harness: ManagerHarness, start: bytes) -> None:
    record = harness.record()
    assert record is not None
    assert record.value.startswith(start)
    assert list(json.loads(record.value))[:2] == ["MachineID", "Version"]
