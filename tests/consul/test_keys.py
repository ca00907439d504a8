"""From keys to what Consul stores and to paths: injective, and never a path that Consul would redirect."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coordination.record import LEASES, NAME_LIMIT, data_key, lease_key, name_of, prefix_of
from coordination.stores.consul.keys import Keys, path_of

TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text("./%@2E ")
NAMES = TEXT.filter(lambda text: 0 < len(text.encode()) <= 255)
SPACES = NAMES | st.just("")
PREFIXES = st.sampled_from(["p", "a/b", "p/@", "ä b", "%2E"])
ODD = "../../agent/maintenance?enable=true&"


def unredirected(path: str) -> bool:
    """Whether Consul's router leaves a path as it is; it looks at it decoded."""
    segments = unquote(path).removeprefix("/").split("/")
    return path.isascii() and not {"", ".", ".."} & set(segments)


@settings(deadline=None)
@given(PREFIXES, SPACES, NAMES, SPACES, NAMES)
@example("p", "", "@", "", ".")
@example("p", "@", "x", "", "x")
@example("p", ".", "x", "%2E", "x")
@example("p", "..", "..", "%2E%2E", "%2E%2E")
def test_injective(prefix: str, space: str, name: str, other_space: str, other: str) -> None:
    """Two names, of whichever namespaces and kinds, are stored under two keys, and come back."""
    keys = Keys(prefix)
    one, two = lease_key(space, name), lease_key(other_space, other)
    assert (keys.stored(one) == keys.stored(two)) == ((space, name) == (other_space, other))
    assert keys.stored(one) != keys.stored(data_key(other_space, other))
    for key in (one, two):
        assert keys.contract(keys.stored(key)) == key
    assert name_of(keys.contract(keys.stored(one))) == name


@settings(deadline=None)
@given(PREFIXES, SPACES, NAMES)
@example("p", "", ODD)
@example("p", "..", "..")
@example("p", ".", "a//b")
def test_no_path_is_redirected(prefix: str, space: str, name: str) -> None:
    """It stays below our prefix, has no query, and Consul decodes it to the key that is meant."""
    stored = Keys(prefix).stored(lease_key(space, name))
    path = path_of(stored)
    assert unredirected(path)
    assert path.startswith(f"/v1/kv/{quote(prefix)}/")
    assert unquote(path) == f"/v1/kv/{stored}"
    assert not set("?#&;\\ ") & set(path)


@settings(deadline=None)
@given(PREFIXES, SPACES, NAMES, SPACES, NAMES)
@example("p", "", "x", "", "xy")
@example("p", "a", "x", "ab", "x")
@example("p", "", ".", "", "..")
@example("p", "", "..", "", "...")
def test_a_beginning_covers_what_starts_so(
    prefix: str, space: str, start: str, other_space: str, name: str
) -> None:
    """All keys of that namespace and kind whose names start so, and none of another namespace or kind."""
    keys = Keys(prefix)
    beginning = keys.beginning(prefix_of(space, LEASES, start))
    for each in (start, name, start + name):
        if len(each.encode()) <= NAME_LIMIT and each.startswith(start):
            assert keys.stored(lease_key(space, each)).startswith(beginning)
    if space != other_space:
        assert not keys.stored(lease_key(other_space, name)).startswith(beginning)
    assert not keys.stored(data_key(space, name)).startswith(beginning)


@settings(deadline=None)
@given(PREFIXES, SPACES, NAMES, SPACES)
@example("p", "", "x", "@")
def test_a_folder_covers_what_is_in_it(prefix: str, space: str, name: str, other_space: str) -> None:
    """All keys of that namespace and kind, and none of another."""
    keys = Keys(prefix)
    folder = keys.folder(prefix_of(space, LEASES))
    assert folder.endswith("/")
    covered = keys.stored(lease_key(other_space, name)).startswith(folder)
    assert covered == (space == other_space)
    assert not keys.stored(data_key(space, name)).startswith(folder)


@pytest.mark.parametrize(
    ("prefix", "folder"),
    [("", "p/"), ("/", "p/@/"), ("/leases/", "p/@/leases/"), ("/leases/x", "p/@/leases/x"), ("a", "p/a")],
)
def test_beginnings_of_less(prefix: str, folder: str) -> None:
    """The whole segments of a prefix, and what may be the beginning of one."""
    assert Keys("p").beginning(prefix) == folder


def test_prefixes_are_folders() -> None:
    """Two applications with the prefixes `a` and `ab` never see each other."""
    key = lease_key("", "x")
    assert not Keys("ab").stored(key).startswith(Keys("a").folder(""))


def test_the_table() -> None:
    """As the documentation has it."""
    keys = Keys("p")
    assert keys.stored(lease_key("", "x")) == "p/@/leases/x"
    assert keys.stored(lease_key(".", "..")) == "p/%2E/leases/%2E%2E"
    assert keys.stored(lease_key("@", "%2E")) == "p/%40/leases/%252E"
