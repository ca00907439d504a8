"""Names: ten thousand of them, and the evil ones. Each is a lease of its own inside the folder, or refused.

Encodings are shown injective by showing them reversible: what can be turned back came from one name.
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordination import ConfigurationError, Manager, connect
from coordination.record import LEASES, decode_segment, lease_key
from coordination.stores.file.layout import Layout, is_hashed, stem

NAMES = (
    st.text(min_size=1, max_size=255)
    | st.text(alphabet="./%\\~@+-_ aA0:*?\0\n\r\u202e\u0301é", min_size=1, max_size=40)
    | st.text(alphabet="aä%/", min_size=60, max_size=255)
).filter(lambda name: len(name.encode("utf-8", "replace")) <= 255 and _is_text(name))

EVIL = [
    *(".", "..", "...", "../x", "../../etc/passwd", "/abs", "//x", "a//b", "a/", "/", "a/../b", "./a"),
    *("\\", "..\\x", "C:\\x", "C:", "\0", "a\0b", "\r\n", "a\rb", "\n", "\t", " ", " a", "a ", "a.", "a. ."),
    *("\u202egnp.exe", "é", "e\u0301", "ﬁ", "fi", "😀", "👨\u200d👩\u200d👧", "\ufeffx", "\u200b"),
    *("con", "CON1", "nul.txt", "aux.", "com1.log", "lpt9", "prn", "conx", "co"),
    *("x", "x.json", "x.json.acquire.lock", "x.lock", "x.counter", "x.tmp", "x.json.json", "x.stale"),
    *("@data", "@ns", "@sessions", "@probe", ".coordination", "data.sqlite3", "probe", "@ns/x/@locks"),
    *("%", "%2e", "%2E", "%2F", "%00", "%~", "a%~b", "~", "*", "?", "a:b", '<>|"', "$HOME", "`id`", "-rf"),
    *("z" * 180, "z" * 181, "z" * 255, "/" * 60, "/" * 61, "/" * 255, "ä" * 127, "😀" * 63, "z" * 254 + "/"),
]


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inside(folder: Path) -> None:
    """Nothing was made beside the folder."""
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.untraced
@settings(max_examples=500, derandomize=True, deadline=None, database=None)
@given(st.lists(NAMES, min_size=20, max_size=20, unique=True))
def test_ten_thousand_names_are_encoded_reversibly_inside_the_folder(names: list[str]) -> None:
    """Key to name and file to name and back; every path lies directly where it belongs."""
    for name in names:  # in twenties: an example of its own for each would take seven times as long
        _is_encoded_reversibly(name)


def _is_encoded_reversibly(name: str) -> None:
    root = Path("/srv/leases")
    key = lease_key("", name)
    namespace, kind, segment = key.split("/")
    assert (namespace, kind, decode_segment(segment)) == ("", LEASES, name)
    place = Layout(root).place(key)
    assert place.record.parent == root
    assert place.foreign_lock is not None
    assert place.foreign_lock.parent == root
    assert {place.lock.parent, place.counter.parent, place.scratch.parent} == {root / ".coordination"}
    for path in (place.record, place.lock, place.counter, place.scratch, place.foreign_lock):
        assert len(path.name) <= 255
        assert path.name.isascii()
        assert path.name == os.path.basename(path.name) != ".coordination"
        assert not set(path.name) & set('/\\:*?"<>|\0')
    text = stem(segment)
    assert is_hashed(text) or unquote(text) == name


@pytest.mark.untraced
@settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(NAMES, min_size=2, max_size=4, unique=True))
def test_generated_names_have_leases_of_their_own(folder: Path, names: list[str]) -> None:
    """Acquired side by side, listed under the very same names, and nothing outside the folder."""
    with connect(f"{folder.as_uri()}?durable=false") as manager:
        leases = [manager.acquire_lease(name, period=600) for name in names]
        held = [lease for lease in leases if lease is not None]
        assert [lease.name for lease in held] == names
        assert {lease.name for lease in manager.list_leases()} == set(names)
        for lease in held:
            assert lease.release()
        assert manager.list_leases() == []
    _inside(folder)


def test_evil_names_are_leases_of_their_own(folder: Path, manager: Manager) -> None:
    """All of them at once, each found again under its own name, its own metadata on it."""
    for number, name in enumerate(EVIL):
        assert manager.acquire_lease(name, period=600, metadata={"number": str(number)}) is not None, name
    assert sorted(lease.name for lease in manager.list_leases()) == sorted(EVIL)
    for number, name in enumerate(EVIL):
        lease = manager.get_lease(name)
        assert lease is not None
        assert (lease.name, lease.metadata) == (name, {"number": str(number)})
    _inside(folder)
    assert {path.parent for path in folder.rglob("*.json")} <= {folder, folder / ".coordination/@sessions"}


def test_the_same_look_in_two_spellings_is_two_leases(manager: Manager) -> None:
    """Unicode is not normalised: NFC and NFD are different names."""
    composed, decomposed = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
    assert manager.acquire_lease(composed) is not None
    assert manager.acquire_lease(decomposed) is not None


@pytest.mark.parametrize(
    "name", ["", "z" * 256, "ä" * 128, "\ud800", "a\udfffb", "z" * 1_600_000, None, 5, b"x"], ids=str
)
def test_names_that_can_never_work_are_refused_before_any_io(tmp_path: Path, name: object) -> None:
    """`ConfigurationError`, and the folder is not even made."""
    manager = connect((tmp_path / "never").as_uri())
    calls = [manager.acquire_lease, manager.get_lease, manager.wait_lease, manager.watch]
    for call in calls:
        with pytest.raises(ConfigurationError):
            call(name)  # type: ignore[operator]
    manager.close()
    assert not (tmp_path / "never").exists()


def test_prefixes_are_of_names_and_not_of_files(manager: Manager) -> None:
    """Also where the file's name is a hash or percent signs."""
    for name in ("a/b", "a/c", "b/a", "a" * 200, "A"):
        assert manager.acquire_lease(name) is not None
    assert [lease.name for lease in manager.list_leases("a/")] == ["a/b", "a/c"]
    assert {lease.name for lease in manager.list_leases("a")} == {"a/b", "a/c", "a" * 200}
    assert [lease.name for lease in manager.list_leases("a" * 150)] == ["a" * 200]


def test_namespaces_keep_equal_names_apart(folder: Path) -> None:
    """The evil ones too: a namespace is one more folder, and nobody's name reaches into it."""
    from coordination import connect

    for namespace in ("", "team", "..", "a/b", "@ns", ".coordination", "leases"):
        with connect(f"{folder.as_uri()}?durable=false", namespace=namespace) as manager:
            for name in ("x", "../x", "team", "@ns"):
                assert manager.acquire_lease(name) is not None
            assert len(manager.list_leases()) == 4
    _inside(folder)
