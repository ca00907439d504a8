"""From keys to the bytes that etcd keeps: injective, and prefixes that cover exactly what starts so."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coordination.record import lease_key, name_of, prefix_of
from coordination.stores.etcd.keys import Keys
from coordination.stores.etcd.watched import Place

UTF8 = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = UTF8.filter(lambda text: 0 < len(text.encode()) <= 255)
ODD = "\xff\x00\U0001f600/%\x7f"
PREFIXES = st.sampled_from(["", "a", "a/b", "\xff", "\U0010ffff", "a/leases"])


def covers(place: Place, key: bytes) -> bool:
    """As etcd compares."""
    if not place.end:
        return key == place.key
    return key >= place.key and (place.end == b"\0" or key < place.end)


@given(PREFIXES, UTF8, UTF8)
@example("", "a", "a\x00")
@example("a", ODD, ODD + "\xff")
def test_injective(prefix: str, one: str, other: str) -> None:
    """Two keys are kept under two keys, and can be read back."""
    keys = Keys(prefix)
    assert (keys.raw(one) == keys.raw(other)) == (one == other)
    assert keys.key(keys.raw(one)) == one


@given(PREFIXES, NAMES, NAMES)
@example("", ODD, ODD)
def test_names(prefix: str, namespace: str, name: str) -> None:
    """Whatever a lease is called comes back as it was, below the prefix of its namespace."""
    keys = Keys(prefix)
    raw = keys.raw(lease_key(namespace, name))
    assert name_of(keys.key(raw)) == name
    assert covers(keys.below(prefix_of(namespace, "leases")), raw)


@given(PREFIXES, UTF8, UTF8)
@example("", "", "")
@example("", "\U0010ffff", "\U0010ffff\U0010ffff")
@example("a", "", "\xff")
def test_a_prefix_covers_what_starts_with_it(prefix: str, start: str, key: str) -> None:
    """And nothing else, be it keys of ours or of those who use another prefix."""
    keys = Keys(prefix)
    place = keys.below(start)
    for each in (key, start + key):
        raw = keys.raw(each)
        if raw:  # etcd has no empty key
            assert covers(place, raw) == each.startswith(start)


@given(st.binary(min_size=1), UTF8)
@example(b"\xff\xff", "")
@example(b"b\xff", "b")
def test_strangers_keys(raw: bytes, start: str) -> None:
    """Bytes that are no UTF-8 are covered by the same rule, and can be named."""
    keys = Keys("")
    assert covers(keys.below(start), raw) == raw.startswith(start.encode())
    assert isinstance(keys.key(raw), str)


@given(NAMES, NAMES)
def test_a_watched_key_is_that_key_alone(one: str, other: str) -> None:
    """`a` is not `ab` (pitfall 32); a folder is all that is in it."""
    keys = Keys("p")
    key, another = lease_key("", one), lease_key("", other)
    assert covers(keys.watched(key), keys.raw(another)) == (one == other)
    assert covers(keys.watched("/leases/"), keys.raw(another))


@pytest.mark.parametrize("prefix", ["a", "a/b"])
def test_prefixes_are_folders(prefix: str) -> None:
    """Two applications with the prefixes `a` and `ab` never see each other."""
    place = Keys(prefix).below("")
    assert covers(place, Keys(prefix).raw("/leases/x"))
    assert not covers(place, Keys(f"{prefix}b").raw("/leases/x"))
