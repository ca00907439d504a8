"""Values are bytes: they come back as they went in, or are refused with nothing written."""

from __future__ import annotations

import pytest

from coordination.errors import ValueTooLarge
from coordination.testing.contract.base import Contract
from coordination.testing.harness import StoreHarness

EVERY_STORE_TAKES = 65_536
"""Bytes: the limit the library sets below those of all stores."""


class ValueRules(Contract):
    """What every call that takes a value promises about it."""

    def test_every_byte_comes_back(self, harness: StoreHarness) -> None:
        """NUL, line ends and all the rest are kept exactly."""
        _assert_kept(harness, bytes(range(256)) + b"\r\n\n\x00")

    def test_a_value_need_not_be_utf8(self, harness: StoreHarness) -> None:
        """Bytes that are no text are kept exactly."""
        _assert_kept(harness, b"\xff\xfe\x80 \xc3\x28")

    def test_text_comes_back(self, harness: StoreHarness) -> None:
        """So is text in any script."""
        _assert_kept(harness, "machine-ä-\N{SNOWMAN}-\U0001f600".encode())

    def test_json_comes_back_byte_for_byte(self, harness: StoreHarness) -> None:
        """A store that itself writes JSON does not reformat that of its callers."""
        _assert_kept(harness, b'{ "MachineID" : "m1",\n "Version":1, "Version": 2, "x": 1.0 }')

    def test_an_empty_value_is_a_value(self, harness: StoreHarness) -> None:
        """A record with an empty value exists."""
        _assert_kept(harness, b"")

    def test_64_kib_are_kept(self, harness: StoreHarness) -> None:
        """What the library allows, every store takes."""
        _assert_kept(harness, bytes(range(256)) * (EVERY_STORE_TAKES // 256))

    def test_a_replaced_value_leaves_nothing_behind(self, harness: StoreHarness) -> None:
        """A shorter value after a longer one is the shorter one."""
        store = harness.handle()
        session = store.open_session()
        record = store.must_create(harness.key("a"), session, b"long " * 1000)
        store.must_replace(record, session, b"short")
        assert store.must_read(record.key).value == b"short"

    def test_create_refuses_what_is_too_large(self, harness: StoreHarness) -> None:
        """One byte more than the store's limit is `ValueTooLarge`, and the key stays free."""
        store = harness.handle()
        with pytest.raises(ValueTooLarge):
            store.create(harness.key("a"), _too_large(harness), store.open_session())
        assert store.read(harness.key("a")) is None

    def test_replace_refuses_what_is_too_large(self, harness: StoreHarness) -> None:
        """The record stays as it was, and its index too."""
        store = harness.handle()
        session = store.open_session()
        record = store.must_create(harness.key("a"), session, b"first")
        with pytest.raises(ValueTooLarge):
            store.replace(record.key, _too_large(harness), session, record.index)
        now = store.must_read(record.key)
        assert (now.value, now.index) == (b"first", record.index)


def _too_large(harness: StoreHarness) -> bytes:
    return bytes(harness.open().capabilities.largest_value + 1)


def _assert_kept(harness: StoreHarness, value: bytes) -> None:
    """Written by a create and by a replace, and read through another handle both times."""
    one, two = harness.handle(), harness.handle()
    session = one.open_session()
    created = one.must_create(harness.key("a"), session, value)
    assert (created.value, two.must_read(created.key).value) == (value, value)
    one.must_replace(created, session, value)
    assert two.must_read(created.key).value == value
