"""Contenders on files: found under names that no file can be called after, and under no others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coordination.record import encode_segment, key_of
from coordination.stores.file.layout import is_hashed, stem
from coordination.stores.file.store import FileStore
from coordination.testing import FakeClock, Handle

LONG = ["z" * 181, "z" * 255, "/" * 61, "/" * 255, "ä" * 127]
SHORT = ["z" * 180, "a", "ab", "a/", "con", ".", "%~", "é"]
NAMES = [*LONG, *SHORT]
CONTENDERS = ("0123456789abcdef.1", "0123456789abcdef.12", "fedcba9876543210.1")


@pytest.fixture
def store(folder: Path) -> Iterator[Handle]:
    """On a fake clock, and without synchronising."""
    opened = FileStore(folder, FakeClock(), durable=False)
    yield Handle(opened, ttl=10.0, timeout=5.0)
    opened.close()


@pytest.fixture
def keys(store: Handle) -> list[str]:
    """Of a few contenders for each name, some in a namespace that is as long; all are there."""
    session = store.open_session()
    made = [
        f"{key_of(namespace, 'locks', name)}/{contender}"
        for namespace in ("", "n" * 200)
        for name in NAMES
        for contender in CONTENDERS
    ]
    for key in made:
        store.must_create(key, session, key.encode())
    return made


def test_the_long_names_are_those_that_are_hashed() -> None:
    """The names tried here are of both kinds."""
    assert all(is_hashed(stem(encode_segment(name))) for name in LONG)
    assert not any(is_hashed(stem(encode_segment(name))) for name in SHORT)


def test_contenders_are_listed_by_their_name(store: Handle, keys: list[str]) -> None:
    """Those of this name, none of another that begins alike."""
    for key in keys:
        queue = key.rpartition("/")[0] + "/"
        assert store.listed(queue) == sorted(it for it in keys if it.startswith(queue))


def test_contenders_are_listed_by_kind(store: Handle, keys: list[str]) -> None:
    """All of a namespace, and those whose names begin alike; each answers its own value."""
    listed = store.list("/locks/")
    assert [record.key for record in listed] == sorted(key for key in keys if key.startswith("/locks/"))
    assert all(record.value == record.key.encode() for record in listed)
    assert store.listed("/locks/zzz") == sorted(key for key in keys if key.startswith("/locks/zzz"))


def test_a_long_name_is_found_as_long_as_anybody_is_there(store: Handle, keys: list[str]) -> None:
    """Any record in the folder says the name: whoever left, whatever else lies there."""
    mine = [key for key in keys if key.startswith(f"{key_of('', 'locks', 'z' * 255)}/")]
    place = store.store._layout.place(mine[0])  # type: ignore[attr-defined]
    store.must_delete(store.must_read(mine[0]))
    place.record.write_bytes(b"torn")
    place.record.with_name("stranger.txt").write_bytes(b"")
    assert [key for key in store.listed("/locks/") if key in mine] == sorted(mine[1:])
    for key in mine[1:]:
        store.must_delete(store.must_read(key))
    assert not set(mine) & set(store.listed("/locks/"))


def test_who_leaves_a_long_name_is_told(store: Handle, keys: list[str]) -> None:
    """A watch of its queue finds it by key."""
    gone = store.must_read(keys[0])
    assert is_hashed(stem(gone.key.split("/")[2]))
    watching = store.watch(gone.key.rpartition("/")[0] + "/", gone.index)
    store.must_delete(gone)
    give_up = time.monotonic() + 20.0
    while (gone.key, 0) not in watching.told and time.monotonic() < give_up:
        time.sleep(0.02)
    watching.close()
    assert (gone.key, 0) in watching.told
