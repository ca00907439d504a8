"""The value of a lease by itself, after fleet's own cases S and R; what stores make of it is in the suite."""

from __future__ import annotations

import json

import pytest

from coordination.value import LeaseValue, decode


@pytest.mark.parametrize("version", [9, 0], ids=["S1", "S2"])
def test_s1_s2_a_value_begins_with_fleets_two_fields(version: int) -> None:
    """S1, S2: the compact JSON begins with MachineID and Version, in that order."""
    raw = LeaseValue("XXX", version).encode()
    assert raw.startswith(b'{"MachineID":"XXX","Version":%d,' % version)
    assert list(json.loads(raw))[:2] == ["MachineID", "Version"]


@pytest.mark.parametrize(
    "raw",
    [b"[]", b"null", b'{"Version":3}', b'{"MachineID":7}', b'"text"', b"", b"\xff\xfe"],
    ids=repr,
)
def test_r3_no_value_is_an_error(raw: bytes) -> None:
    """R3: whatever is there, its text is the machine id, at version 0."""
    value = decode(raw)
    assert (value.machine_id, value.version) == (raw.decode("utf-8", errors="replace"), 0)
